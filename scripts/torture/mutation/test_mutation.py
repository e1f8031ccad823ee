"""Tests the judge of scripts/torture/mutation.sh with a program in place of the tests."""

import pathlib
import tempfile
import unittest
from unittest import mock

import mutants
import run

# Finds the active mutant, as the tests do, and fails, hangs or crashes by its number.
TESTS = """\
#!/bin/bash
mutant=$(cat .mutant)
case "$mutant $*" in
    1*) echo 'Test one() recorded an issue at A.swift:1:1'; sleep 60 & wait ;;
    2*) sleep 60 & wait ;;
    3*) kill -SEGV $$ ;;
    4*--no-parallel*) echo 'Test far() recorded an issue at B.swift:1:1'; echo 'Test shaky() recorded an issue at B.swift:2:1'; exit 1 ;;
    5*--no-parallel* | 0*shaky*) echo 'Test shaky() recorded an issue at B.swift:2:1'; exit 1 ;;
    *) echo 'Test run with 2 tests in 1 suite passed after 0.001 seconds.' ;;
esac
"""


class JudgeTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        program = pathlib.Path(self.folder.name, ".build/debug/flashback-exporterPackageTests.xctest")
        program.parent.mkdir(parents=True)
        program.write_text(TESTS)
        program.chmod(0o755)

    def outcome(self, number):
        outcome = run.Judge(pathlib.Path(self.folder.name)).outcome(number, {"suites": ["SomeTests"]})
        self.assertEqual(pathlib.Path(self.folder.name, ".mutant").read_text(), "0")
        return outcome

    def test_failure_before_a_hang_is_noticed(self):
        self.assertEqual(self.outcome(1), ("caught", "one"))

    def test_time_out_is_undecided(self):
        with mock.patch.object(run, "LONGEST", 0.2):
            self.assertEqual(self.outcome(2)[0], "undecided")

    def test_crash_is_noticed(self):
        self.assertEqual(self.outcome(3), ("caught", "a crash"))

    def test_other_suites_are_named_without_tests_that_fail_anyway(self):
        self.assertEqual(self.outcome(4), ("caught", "tests of other suites: far"))
        self.assertEqual(self.outcome(5)[0], "missed")

    def test_passing_tests_miss_the_defect(self):
        self.assertEqual(self.outcome(6)[0], "missed")


class MutantTests(unittest.TestCase):
    def test_text_must_occur_once(self):
        mutant = {"name": "m", "old": "a", "new": "b"}
        self.assertEqual(mutants.place(mutant, "xay"), range(1, 2))
        self.assertEqual(mutants.place(mutant, "aa"), "its text occurs 2 times")
        self.assertEqual(mutants.place(mutant | {"context": "za"}, "aza"), range(2, 3))
        self.assertEqual(mutants.place(mutant | {"context": "za"}, "aa"), "its context occurs 0 times")


if __name__ == "__main__":
    unittest.main()
