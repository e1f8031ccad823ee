"""Tests of the strict reader of metrics: a reader that accepts everything would prove nothing."""

import unittest

import exposition

HEADER = "# HELP a_total A.\n# TYPE a_total counter\n"


class Exposition(unittest.TestCase):
    def test_reads_samples(self):
        body = HEADER + 'a_total{b="x\\"y\\\\",c=""} 1e3\na_total 2\n'
        series, types_ = exposition.parse_text(body.encode())
        self.assertEqual(series, {("a_total", (("b", 'x\\"y\\\\'), ("c", ""))): 1000.0, ("a_total", ()): 2.0})
        self.assertEqual(types_, {"a_total": "counter"})

    def test_rejects_what_prometheus_rejects_and_more(self):
        for body in (
            HEADER + "a_total 1",
            HEADER + "a_total 1\na_total 2\n",
            HEADER + 'a_total{b="1",c="2"} 1\na_total{c="2",b="1"} 1\n',
            HEADER + 'a_total{b="1",b="1"} 1\n',
            HEADER + 'a_total{b="\\x"} 1\n',
            HEADER + 'a_total{b="1",} 1\n',
            HEADER + "a_total one\n",
            HEADER + "a_total 1 1700000000\n",
            HEADER + "b_total 1\n",
            HEADER,
            HEADER + "a_total 1\n" + HEADER + "a_total 2\n",
            "a_total 1\n",
            "# TYPE a_total counter\na_total 1\n",
            HEADER + "a_total 1\n\n",
            HEADER + "a_total 1\n# HELP b B.\n",
        ):
            with self.assertRaises(exposition.Malformed, msg=body):
                exposition.parse_text(body.encode())

    def test_rejects_openmetrics_without_end(self):
        with self.assertRaises(exposition.Malformed):
            exposition.parse_openmetrics(b"# TYPE a counter\na_total 1\n")
        # Beyond 2^53 both formats give the same number.
        body = b"# HELP a A.\n# TYPE a counter\na_total 9039523965746723\n"
        self.assertEqual(exposition.parse_openmetrics(body + b"# EOF\n")[0], exposition.parse_text(HEADER.encode() + b"a_total 9039523965746723\n")[0])


if __name__ == "__main__":
    unittest.main()
