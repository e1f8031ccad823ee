"""Runs a program under ptrace and stops it at system calls.

strace's fault injection counts system calls for each thread, which is not repeatable for a program with several threads. This
tracer sees every system call of every thread, in one order, before it is executed; a signal sent there takes effect before the
call does.
"""

import ctypes
import os
import platform
import signal
import struct
import time

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long

_TRACEME, _CONT, _SYSCALL, _SETOPTIONS, _GET_SYSCALL_INFO, _DETACH = 0, 7, 24, 0x4200, 0x420E, 17
_TRACESYSGOOD, _TRACECLONE, _TRACEFORK, _TRACEEXEC, _EXITKILL = 1, 8, 2, 16, 0x100000
_WALL = 0x40000000
_SYSCALL_STOP = signal.SIGTRAP | 0x80

# Only calls that are reported by name; others are reported by number.
_NAMES = {
    "x86_64": {
        0: "read", 1: "write", 2: "open", 3: "close", 4: "stat", 5: "fstat", 7: "poll", 8: "lseek", 9: "mmap", 10: "mprotect",
        11: "munmap", 12: "brk", 13: "rt_sigaction", 14: "rt_sigprocmask", 20: "writev", 28: "madvise", 44: "sendto",
        45: "recvfrom", 46: "sendmsg", 47: "recvmsg", 59: "execve", 74: "fsync", 75: "fdatasync", 77: "ftruncate",
        82: "rename", 87: "unlink", 89: "readlink", 91: "fchmod", 93: "fchown", 202: "futex", 230: "clock_nanosleep",
        231: "exit_group", 232: "epoll_wait", 257: "openat", 262: "newfstatat", 263: "unlinkat", 264: "renameat",
        267: "readlinkat", 271: "ppoll", 281: "epoll_pwait", 316: "renameat2", 332: "statx", 435: "clone3", 441: "epoll_pwait2",
    },
    "aarch64": {
        25: "fcntl", 35: "unlinkat", 38: "renameat", 46: "ftruncate", 52: "fchmod", 55: "fchown", 56: "openat", 57: "close",
        62: "lseek", 63: "read", 64: "write", 66: "writev", 73: "ppoll", 78: "readlinkat", 79: "newfstatat", 80: "fstat",
        82: "fsync", 83: "fdatasync", 94: "exit_group", 98: "futex", 134: "rt_sigaction", 135: "rt_sigprocmask", 206: "sendto",
        207: "recvfrom", 211: "sendmsg", 212: "recvmsg", 214: "brk", 215: "munmap", 221: "execve", 222: "mmap",
        226: "mprotect", 233: "madvise", 276: "renameat2", 291: "statx", 435: "clone3",
    },
}.get(platform.machine(), {})

_PATH_ARGUMENT = {
    "open": [0], "stat": [0], "unlink": [0], "rename": [0, 1], "readlink": [0], "execve": [0], "openat": [1], "newfstatat": [1],
    "unlinkat": [1], "readlinkat": [1], "renameat": [1, 3], "renameat2": [1, 3], "statx": [1],
}
_DESCRIPTOR = {
    "read", "write", "close", "fstat", "lseek", "writev", "fsync", "fdatasync", "ftruncate", "fchmod", "fchown", "sendto", "recvfrom",
    "sendmsg", "recvmsg",
}


class Call:
    """A system call before or after its execution."""

    def __init__(self, process, thread, number, arguments, result=None):
        self.process, self.thread, self.arguments, self.result = process, thread, arguments, result
        self.name = _NAMES.get(number, str(number))

    def memory(self, address, count):
        with open(f"/proc/{self.process}/mem", "rb", buffering=0) as memory:
            memory.seek(address)
            return memory.read(count)

    def text(self, address):
        data = self.memory(address, 512)
        return data.split(b"\0", 1)[0].decode(errors="replace")

    @property
    def subject(self):
        """Its file or path, without parts that differ between two runs; empty if there is none."""
        if self.name in _PATH_ARGUMENT:
            try:
                return " ".join(os.path.basename(self.text(self.arguments[i])) or "." for i in _PATH_ARGUMENT[self.name])
            except OSError:
                return "?"
        if self.name in _DESCRIPTOR:
            try:
                target = os.readlink(f"/proc/{self.process}/fd/{self.arguments[0]}")
            except OSError:
                return "?"
            return target.split(":")[0] if ":" in target else os.path.basename(target)
        return ""

    @property
    def received(self):
        """The data that a finished receiving call returned."""
        if self.name in ("recvfrom", "read") and self.result and 0 < self.result < 1 << 20:
            try:
                return self.memory(self.arguments[1], self.result)
            except OSError:
                return b""
        return b""

    @property
    def sent(self):
        """The data that a sending or writing call is about to send."""
        if self.name in ("sendto", "write"):
            try:
                return self.memory(self.arguments[1], min(self.arguments[2], 1 << 16))
            except OSError:
                return b""
        return b""

    def __str__(self):
        return f"{self.name} {self.subject}".strip()


class Traced:
    """A program under the tracer."""

    def __init__(self, arguments, environment, output):
        """`output`: a descriptor for its standard output and error."""
        self.status = None
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(output, 1)
                os.dup2(output, 2)
                _libc.ptrace(_TRACEME, 0, None, None)
                os.kill(os.getpid(), signal.SIGSTOP)
                os.execvpe(arguments[0], arguments, environment)
            finally:
                os._exit(127)
        os.waitpid(self.pid, 0)
        options = _TRACESYSGOOD | _TRACECLONE | _TRACEEXEC | _EXITKILL
        _libc.ptrace(_SETOPTIONS, self.pid, None, options)
        self._inside = {}
        self._resume(self.pid)

    def _resume(self, thread, number=0):
        _libc.ptrace(_SYSCALL, thread, None, number)

    def _info(self, thread):
        buffer = ctypes.create_string_buffer(88)
        if _libc.ptrace(_GET_SYSCALL_INFO, thread, 88, ctypes.cast(buffer, ctypes.c_void_p)) < 0:
            return None
        return buffer.raw

    def run(self, before=lambda call: None, after=lambda call: None, seconds=60):
        """Runs the program to its end, or until a callback returns True, which leaves it to `release`.

        A callback may send signals. Returns the exit status, negative for a signal; None when it was not at its end.
        """
        deadline = time.monotonic() + seconds
        idle = 0
        while time.monotonic() < deadline:
            thread, status = os.waitpid(-1, _WALL | os.WNOHANG)
            if thread == 0:
                idle += 1
                time.sleep(0 if idle < 200 else 0.0005)
                continue
            idle = 0
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                self._inside.pop(thread, None)
                if thread == self.pid:
                    self.status = os.waitstatus_to_exitcode(status)
                    return self.status
                continue
            number = os.WSTOPSIG(status)
            if number == _SYSCALL_STOP:
                raw = self._info(thread)
                kind = raw[0] if raw else 0
                if kind == 1:
                    values = struct.unpack_from("<7Q", raw, 24)
                    self._inside[thread] = values
                    if before(Call(self.pid, thread, values[0], values[1:])):
                        self._held = thread
                        return None
                elif kind == 2 and thread in self._inside:
                    values = self._inside.pop(thread)
                    result = struct.unpack_from("<q", raw, 24)[0]
                    after(Call(self.pid, thread, values[0], values[1:], result))
                self._resume(thread)
            elif status >> 16:
                self._resume(thread)  # An event, such as a new thread.
            elif number == signal.SIGSTOP and thread != self.pid:
                self._resume(thread)  # A new thread's first stop.
            else:
                self._resume(thread, number)
        return None

    def kill(self):
        """Ends it at once, if it has not ended, without executing the call that it is about to make."""
        if self.status is not None:
            return
        os.kill(self.pid, signal.SIGKILL)
        while self.status is None:
            thread, status = os.waitpid(-1, _WALL)
            if thread == self.pid and (os.WIFEXITED(status) or os.WIFSIGNALED(status)):
                self.status = os.waitstatus_to_exitcode(status)
