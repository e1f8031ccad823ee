"""Tests of the soak test's judgement."""

import argparse
import types
import unittest

import main


class Slope(unittest.TestCase):
    def test_slope_of_a_line_is_exact(self):
        line = main.Line([0, 60, 120, 180], [1, 2, 3, 4])
        self.assertAlmostEqual(line.slope, 60)
        self.assertAlmostEqual(line.error, 0)

    def test_correlated_noise_widens_the_error(self):
        times = list(range(0, 6000, 60))
        alternating = main.Line(times, [time % 120 for time in times])
        waves = main.Line(times, [(time // 600) % 2 * 60 for time in times])
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
        judged.samples = [[60 * index, 50e6 + 1e5 * index, 5e7, 30, 4, 100] for index in range(60)]
        judged.summarize()
        self.assertEqual(len(judged.problems), 1)
        self.assertIn("rss grows by 5.7", judged.problems[0])


if __name__ == "__main__":
    unittest.main()
