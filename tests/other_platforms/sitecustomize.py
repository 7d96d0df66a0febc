"""Makes this Python look like one on macOS or Windows, as far as our code can tell: FAKE_PLATFORM says which.

What the other platform lacks is taken away: modules, functions of ``os``, ``signal`` and ``time``, ``/proc`` and
``/sys``. Third parties have ports of their own: those that ask for the platform are loaded before it changes.
It proves that nothing Linux-only is needed where it should not be; it is no test of the other system itself.
"""

import builtins
import os
import platform as _platform
import signal
import sys
import time

PLATFORM = os.environ.get("FAKE_PLATFORM", "")
MODULES = {
    "darwin": {"_winapi", "msvcrt", "winreg", "spwd", "ossaudiodev"},
    "win32": {"resource", "fcntl", "pty", "termios", "tty", "grp", "pwd", "spwd", "syslog", "crypt"},
}
ABSENT = {
    "darwin": {
        os: "posix_fallocate posix_fadvise fdatasync sched_getaffinity sched_setaffinity getxattr pidfd_open "
        "memfd_create eventfd splice copy_file_range getresuid O_DIRECT O_PATH O_TMPFILE",
        signal: "sigtimedwait sigwaitinfo SIGPWR SIGPOLL SIGRTMIN SIGRTMAX SIGSTKFLT pidfd_send_signal",
        time: "CLOCK_BOOTTIME",
    },
    "win32": {
        os: "fork forkpty register_at_fork posix_spawn posix_spawnp wait wait3 wait4 waitid WNOHANG WIFSIGNALED "
        "WTERMSIG pread preadv pwrite pwritev posix_fallocate posix_fadvise fdatasync sysconf getuid geteuid getgid "
        "getpgid getpgrp setpgid setsid getsid tcgetpgrp tcsetpgrp killpg nice getloadavg uname sched_getaffinity "
        "statvfs chown fchmod fchown mkfifo mknod openpty O_CLOEXEC O_DIRECTORY O_NONBLOCK pidfd_open",
        signal: "sigtimedwait sigwaitinfo sigwait sigpending pthread_sigmask pthread_kill setitimer getitimer alarm "
        "pause siginterrupt SIGCHLD SIGKILL SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGPIPE SIGWINCH SIGPWR SIGPOLL "
        "SIGVTALRM SIGPROF SIGXCPU SIGXFSZ SIGSTOP SIGTSTP SIGCONT SIG_BLOCK SIG_UNBLOCK SIG_SETMASK",
        time: "clock_gettime clock_getres CLOCK_BOOTTIME CLOCK_MONOTONIC CLOCK_REALTIME CLOCK_PROCESS_CPUTIME_ID tzset",
    },
}
PORTED = [
    "psutil",
    "click",
    "platformdirs",
    "subprocess",
    "tempfile",
    "shutil",
    *os.environ.get("FAKE_LOADS", "").split(),
]
"""Modules with a port for each platform: their own affair. FAKE_LOADS names more, for what needs them."""


class Absent:
    """Says of modules that the other platform lacks that they are not there."""

    def find_spec(self, name, path=None, target=None):
        if name in MODULES[PLATFORM]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def hidden(path):
    return isinstance(path, str | bytes) and os.fsdecode(path).startswith(("/proc", "/sys/", "/run/"))


def without_proc(function):
    """The same function, to which the kernel's folders are not there."""

    def call(path, *args, **kwargs):
        if hidden(path):
            raise FileNotFoundError(2, "No such file or directory", path)
        return function(path, *args, **kwargs)

    return call


def spare_psutil():
    """psutil has ports: the one of this machine stands for the other's, with all that it needs."""
    untouched = type(sys)("os")
    untouched.__dict__.update(os.__dict__)
    for name, module in list(sys.modules.items()):
        if name.startswith("psutil"):
            module.os, module.open = untouched, open


def become(name):
    for module in PORTED:
        __import__(module)
    spare_psutil()
    for module in MODULES[name]:
        sys.modules.pop(module, None)
    if name == "win32":
        sys.modules["msvcrt"] = type(sys)("msvcrt")
        sys.modules["msvcrt"].LK_LOCK = sys.modules["msvcrt"].LK_NBLCK = 1
        sys.modules["msvcrt"].locking = lambda *_: None
    sys.meta_path.insert(0, Absent())
    for module, names in ABSENT[name].items():
        for each in names.split():
            if hasattr(module, each):
                delattr(module, each)
    builtins.open = without_proc(builtins.open)
    for function in ("open", "listdir", "scandir", "stat", "lstat", "readlink"):
        setattr(os, function, without_proc(getattr(os, function)))
    _platform.processor = lambda: {"darwin": "arm", "win32": "Intel64 Family 6 Model 85 Stepping 7, GenuineIntel"}[name]
    sys.platform = name


if PLATFORM:
    become(PLATFORM)
