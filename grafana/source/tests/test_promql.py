"""The PromQL reader finds the selectors of a query."""

import unittest

from checks import promql


def names(text: str) -> list[str]:
    return [selector.name for selector in promql.selectors(text)]


class PromQLTests(unittest.TestCase):
    def test_names_are_distinguished_from_functions_labels_and_keywords(self):
        self.assertEqual(names("up"), ["up"])
        self.assertEqual(names("sum by (job, up) (up) > bool 1 and on (job) max(a:b:c offset 5m)"), ["up", "a:b:c"])
        self.assertEqual(names("a * on (x) group_left (y) b"), ["a", "b"])
        self.assertEqual(names("sum(a) by (job)"), ["a"])
        self.assertEqual(names("count(group by (x) (a)) or vector(0) < Inf"), ["a"])
        self.assertEqual(names('sum({__name__="a"})'), [""])
        self.assertEqual(names("by"), ["by"])
        self.assertEqual(names("time() - a @ end()"), ["a"])

    def test_matchers(self):
        selector = promql.selectors('a{b="c", d=~"e|}", f!="\\"",}')[0]
        self.assertEqual(selector.matchers, {"b": ("=", "c"), "d": ("=~", "e|}"), "f": ("!=", '\\"')})

    def test_ranges_and_functions(self):
        text = 'histogram_quantile(0.9, sum by (le) (rate(a{b="[1m]"}[$__rate_interval]))) + max_over_time(b[1h:1m])'
        first, second = promql.selectors(text)
        self.assertEqual((first.function, first.range), ("rate", "$__rate_interval"))
        self.assertEqual((second.function, second.range), ("max_over_time", "1h:1m"))
        self.assertEqual(promql.ranges(text), ["$__rate_interval", "1h:1m"])
        self.assertEqual(promql.selectors("sum by (x) (a)")[0].function, "sum")

    def test_variables(self):
        self.assertEqual(promql.variables('a{b=~"$c", d="${e}", f=~"${g:regex}"}[$__range]'), {"c", "e", "g", "__range"})

    def test_invalid_queries_are_refused(self):
        for text in ("sum(a", "a)", "a{b}", "a{b=c}", "a{b='c'", "a ? b"):
            with self.subTest(text), self.assertRaises(promql.Unreadable):
                promql.selectors(text)
