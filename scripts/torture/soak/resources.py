"""Judges whether what a process holds stays flat."""

import math

MEBIBYTE = 1 << 20

# What is sampled, with the steepest slope an hour and the highest value that are allowed.
BOUNDS = {
    "rss": (1 * MEBIBYTE, 100 * MEBIBYTE),
    "anonymous": (1 * MEBIBYTE, 100 * MEBIBYTE),
    "descriptors": (1.0, 64),
    "threads": (0.5, 24),
}
# A slope is judged when the measurement took this many seconds or longer.
JUDGED_FROM = 30 * 60


class Line:
    """A straight line through points by least squares.

    slope and error are per hour. The error is the slope's standard error, widened for the correlation of neighbouring points: memory
    that rises now and falls a minute later is not that many independent observations.
    """

    def __init__(self, times, values):
        count = len(times)
        mean_time, mean = sum(times) / count, sum(values) / count
        spread = sum((time - mean_time) ** 2 for time in times)
        slope = sum((time - mean_time) * (value - mean) for time, value in zip(times, values)) / spread
        residuals = [value - mean - slope * (time - mean_time) for time, value in zip(times, values)]
        squares = sum(residual**2 for residual in residuals)
        correlation = sum(a * b for a, b in zip(residuals, residuals[1:])) / squares if squares else 0
        correlation = min(max(correlation, 0), 0.99)
        self.mean = mean
        self.slope = slope * 3600
        self.noise = math.sqrt(squares / (count - 2))
        self.error = self.noise / math.sqrt(spread) * math.sqrt((1 + correlation) / (1 - correlation)) * 3600


def judgement(name, times, lowest, highest):
    """What the samples of a resource show, as a line for people, and the problems.

    lowest and highest are the extremes between two samples. Leaks raise the lowest: connections that come and go do not.
    """
    steepest, bound = BOUNDS[name]
    unit, scale = (" MiB", MEBIBYTE) if bound >= MEBIBYTE else ("", 1)
    whole = Line(times, lowest)
    half = len(times) // 2
    later = Line(times[half:], lowest[half:])
    text = (
        f"{name}: mean {whole.mean / scale:.2f}{unit}, highest {max(highest) / scale:.2f}{unit} (bound {bound / scale:g}), slope "
        f"{whole.slope / scale:+.3f} ± {whole.error / scale:.3f}{unit} an hour (bound {steepest / scale:g}), in the second half "
        f"{later.slope / scale:+.3f} ± {later.error / scale:.3f}, noise {whole.noise / scale:.2f}{unit}"
    )
    problems = []
    if max(highest) > bound:
        problems.append(f"{name} reached {max(highest) / scale:.1f}{unit}")
    if times[-1] - times[0] >= JUDGED_FROM:
        slope = f"{whole.slope / scale:+.2f} ± {whole.error / scale:.2f}{unit} an hour"
        if whole.slope - 2 * whole.error > steepest:
            problems.append(f"{name} grows: {slope}")
        elif whole.slope + 2 * whole.error > steepest:
            problems.append(f"undecided whether {name} grows: {slope}; a longer run is needed")
    return text, problems
