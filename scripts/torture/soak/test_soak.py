"""Tests of the soak test's judgement."""

import argparse
import tempfile
import types
import unittest

import main
import resources


def samples(growth):
    """An hour's samples of a process whose resident memory grows by so many bytes from one to the next."""
    found = []
    for index in range(60):
        values = [50e6 + growth(index), 5e7, 30, 4]
        found.append(main.Sample(60 * index, values, values, 100))
    return found


class Slope(unittest.TestCase):
    def test_slope_of_a_line_is_exact(self):
        line = resources.Line([0, 60, 120, 180], [1, 2, 3, 4])
        self.assertAlmostEqual(line.slope, 60)
        self.assertAlmostEqual(line.error, 0)

    def test_correlated_noise_widens_the_error(self):
        times = list(range(0, 6000, 60))
        alternating = resources.Line(times, [time % 120 for time in times])
        waves = resources.Line(times, [(time // 600) % 2 * 60 for time in times])
        self.assertGreater(waves.error, 2 * alternating.error)

    def test_durations(self):
        self.assertEqual([main.duration(text) for text in ("4h", "1h30m", "90s")], [14400, 5400, 90])
        for text in ("", "4", "1d", "-1h"):
            with self.assertRaises(argparse.ArgumentTypeError):
                main.duration(text)

    def test_growth_and_missing_buckets_are_reported(self):
        judged = main.Soak(types.SimpleNamespace(buckets=2, pace=1), "")
        judged.exporter = types.SimpleNamespace(output=lambda: "")
        judged.judge({("flashback_bucket_info", (("bucket_id", "1"),)): 1.0, ("flashback_up", ()): 1.0})
        self.assertIn("1 buckets are missing in flashback_bucket_info", judged.problems[0])
        judged.problems = []
        judged.samples = samples(lambda index: 1e5 * index)
        judged.summarize()
        self.assertEqual(len(judged.problems), 1)
        self.assertIn("rss grows: +5.72 ± 0.00 MiB an hour", judged.problems[0])

    def test_only_what_stays_counts_as_growth(self):
        times = list(range(0, 3600, 15))
        busy = [20 + index // 8 for index in range(len(times))]
        self.assertEqual(resources.judgement("descriptors", times, [20] * len(times), busy)[1], [])
        self.assertIn("descriptors grows: +29.97", resources.judgement("descriptors", times, busy, busy)[1][0])
        self.assertEqual(resources.judgement("descriptors", times, [20] * len(times), [65] * len(times))[1], ["descriptors reached 65.0"])

    def test_noise_does_not_hide_growth(self):
        times = list(range(0, 3600, 15))
        noisy = [20 + (index % 37) for index in range(len(times))]
        self.assertIn("undecided whether descriptors grows", resources.judgement("descriptors", times, noisy, noisy)[1][0])

    def test_interrupted_run_does_not_hold(self):
        with tempfile.TemporaryDirectory() as directory:
            judged = main.Soak(types.SimpleNamespace(buckets=1, pace=1, duration=3600), directory)
            judged.ending = True
            judged.measure()
        self.assertEqual(judged.problems, ["ended after 0 of 60 minutes"])


if __name__ == "__main__":
    unittest.main()
