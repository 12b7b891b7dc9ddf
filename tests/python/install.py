"""Builds the package's wheel without a network, installs it in an environment of its own and runs a round.

Usage: install.py SOURCE FOLDER. The exit code is 77 where what the build requires is not installed.
"""

import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

for name in ('nanobind', 'numpy', 'pip', 'scikit_build_core'):
    if importlib.util.find_spec(name) is None:
        print(f'skipped: {name} is needed')
        sys.exit(77)

source, folder = map(pathlib.Path, sys.argv[1:])
wheels, environment = folder / 'wheels', folder / 'environment'
shutil.rmtree(wheels, ignore_errors=True)
shutil.rmtree(environment, ignore_errors=True)

pip = [sys.executable, '-m', 'pip', '--disable-pip-version-check']
quiet = {**os.environ, 'CMAKE_BUILD_PARALLEL_LEVEL': '1'}
quiet.pop('PYTHONPATH', None)
subprocess.run([*pip, 'wheel', '--no-index', '--no-deps', '--no-build-isolation', '--wheel-dir', wheels,
                f'--config-settings=build-dir={folder / "wheel-build"}', source], env=quiet, check=True)
wheel, = wheels.glob('ferret-*.whl')
folders = {name.partition('/')[0] for name in zipfile.ZipFile(wheel).namelist()}
version = wheel.name.split('-')[1]
assert folders == {'ferret', f'ferret-{version}.dist-info'}, folders

# NumPy comes from where this Python has it.
subprocess.run([sys.executable, '-m', 'venv', '--system-site-packages', '--without-pip', environment],
               check=True)
python = environment / 'bin/python3'
subprocess.run([*pip, '--python', python, 'install', '--quiet', '--no-index', '--no-deps', wheel],
               env=quiet, check=True)
subprocess.run([python, '-c', f'''
import pathlib, ferret, numpy as np
here = pathlib.Path(ferret.__file__).parent
assert pathlib.Path({str(environment)!r}).resolve() in here.resolve().parents, here
assert {{'_ferret.pyi', 'py.typed', 'arguments.py'}} <= {{path.name for path in here.iterdir()}}
assert ferret.__version__ == {version!r}
layout = ferret.Layout.per_tensor([1000])
plan = ferret.Plan(layout, ferret.Uniform(64))
model, local = np.zeros(1000, np.float32), np.zeros(1000, np.float32)
server = ferret.Server(plan, model)
server.receive(ferret.Client(plan, 1)(1, local, local - 1))
ferret.Follower(plan).apply(server.close(model, 0.5), local)
assert model.tobytes() == local.tobytes() and model.any()
'''], cwd=folder, env=quiet, check=True)
print(wheel.name)
