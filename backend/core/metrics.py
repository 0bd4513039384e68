"""Counters for operators, in Prometheus' format. They hold channels and results, never people."""

from prometheus_client import Counter

CHANNEL_CALLS = Counter(
    "komshu_channel_calls_total", "Calls of providers, by what became of them", ["channel", "result"]
)
CHANNEL_EVENTS = Counter("komshu_channel_events_total", "What calls of providers brought", ["channel", "kind"])
