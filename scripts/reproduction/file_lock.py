"""Locks on files, as fed_llm takes them: the kernel gives them back when the process ends."""
import fcntl


def try_lock(file):
    """Locks the open file as long as it is open; False where another process has the lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
