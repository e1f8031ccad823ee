"""Tests of what reads the programs' memory: a search of nothing finds nothing."""

import sys
import unittest

import programs

# Holds a text in memory that its arguments do not contain, and memory that cannot be read if a file of it has been cut.
CHILD = """
import mmap, sys, tempfile, time
text = b"-".join([b"known", b"contents"]) * 1000
file = tempfile.TemporaryFile()
file.truncate(8192)
mapped = mmap.mmap(file.fileno(), 8192)
if "cut" in sys.argv:
    file.truncate(0)
print("ready", flush=True)
time.sleep(60)
"""


class Dump(unittest.TestCase):
    def start(self, *arguments):
        program = self.enterContext(programs.Program([sys.executable, "-c", CHILD, *arguments]))
        program.wait_for("ready", 30)
        return program

    def test_memory_is_read(self):
        self.assertTrue(any(b"known-contents" in piece for piece in self.start().dump()))

    def test_memory_that_cannot_be_read_is_an_error(self):
        with self.assertRaises(OSError):
            for _ in self.start("cut").dump():
                pass

    def test_memory_of_a_program_that_has_ended_is_an_error(self):
        program = self.start()
        pieces = program.dump()
        next(pieces)
        program.stop()
        with self.assertRaises(OSError):
            for _ in pieces:
                pass


if __name__ == "__main__":
    unittest.main()
