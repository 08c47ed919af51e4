"""Tables of what was measured, in Markdown."""

from statistics import median


class Row:
    """One scenario: for each server its windows. Ratios are medians of the rounds' own ratios."""

    def __init__(self, title, servers, windows, wanted=None):
        self.title, self.names, self.windows, self.wanted = title, [server.name for server in servers], windows, wanted

    def ratios(self, other, what="cost"):
        """Of the first server to another one, round by round."""
        return [getattr(a, what) / getattr(b, what) for a, b in zip(self.windows[self.names[0]], self.windows[other]) if getattr(b, what) > 0]

    def cost(self, name, what="cost"):
        return median(getattr(window, what) for window in self.windows[name])

    def said(self, name, what):
        return median(window.said[what] for window in self.windows[name])

    def show(self):
        first = self.names[0]
        print(f"\n### {self.title}\n")
        print(f"| server | queries/s | CPU µs/query | of it user | ratio {first} / this | rounds' ratios | user ratio | p50 / p99 / p99.9 µs | other work on the core |")
        print("|---|---:|---:|---:|---:|---|---:|---|---:|")
        for name in self.names:
            rate, ratio, spread, user = self.cost(name, "rate"), "", "", ""
            if name != first:
                each, users = self.ratios(name), self.ratios(name, "user_cost")
                ratio, spread = f"{median(each):.2f}", f"{min(each):.2f} – {max(each):.2f}"
                user = f"{median(users):.2f}" if users else "–"
            marks = " (rate not reached)" if self.wanted and rate < self.wanted * 0.97 else ""
            marks += f" ({self.said(name, 'truncated') / self.said(name, 'answered'):.1%} truncated)" if self.said(name, "truncated") else ""
            print(f"| {name} | {rate:,.0f}{marks} | {self.cost(name):.2f} | {self.cost(name, 'user_cost'):.2f} | {ratio} | {spread} | {user} "
                  f"| {self.said(name, 'p50'):,.0f} / {self.said(name, 'p99'):,.0f} / {self.said(name, 'p999'):,.0f} | {self.cost(name, 'disturbance'):.0%} |", flush=True)


def summary(rows):
    """All scenarios in one table, for the README."""
    names = list(dict.fromkeys(name for row in rows for name in row.names))
    others = [name for name in names[1:] if name != "echo"]
    print("\n## Summary\n\n| CPU µs per query (of it user) | " + " | ".join(names) + " | " + " | ".join(f"{names[0]} / {other}" for other in others)
          + " | " + " | ".join(f"user: {names[0]} / {other}" for other in others) + " |")
    print("|---|" + "---:|" * (len(names) + 2 * len(others)))
    for row in rows:
        costs = [f"{row.cost(name):.2f} ({row.cost(name, 'user_cost'):.2f})" if name in row.names else "" for name in names]
        ratios, users = [], []
        for other in others:
            each = row.ratios(other) if other in row.names else []
            ratios.append(f"{median(each):.2f} ({min(each):.2f} – {max(each):.2f})" if each else "")
            each = row.ratios(other, "user_cost") if other in row.names else []
            users.append(f"{median(each):.2f}" if each else "")
        print(f"| {row.title} | " + " | ".join(costs + ratios + users) + " |")
