# SPDX-License-Identifier: BSD-2-Clause
"""A line through points as SVG: x by its logarithm, y from 0."""
import math

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 320, 60, 40, 40, 40
INDENT = 20  # from the axis to the first point, so that its number stands free


def tick_step(top):
    """A round step that makes four to eight ticks."""
    step = 10 ** math.floor(math.log10(top))
    while top / step < 4:
        step /= 2
    return step


def plot(title, points):
    low, high = (math.log10(max(1, pick(x for x, _ in points))) for pick in (min, max))
    top = max(y for _, y in points) * 1.1
    width = WIDTH - LEFT - INDENT - RIGHT
    across = lambda x: LEFT + INDENT + (math.log10(x) - low) / (high - low) * width
    down = lambda y: HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           f'<text x="{WIDTH / 2}" y="22" text-anchor="middle" font-size="14">{title}</text>']
    step = tick_step(top)
    for i in range(int(top / step) + 1):
        y = down(i * step)
        out += [f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>',
                f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{i * step:g}</text>']
    for x, _ in points:
        out.append(f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 18}" '
                   f'text-anchor="middle">{x:,}</text>')
    line = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in points)
    out.append(f'<polyline points="{line}" fill="none" stroke="#246" stroke-width="2"/>')
    for x, y in points:
        out += [f'<circle cx="{across(x):.1f}" cy="{down(y):.1f}" r="3.5" fill="#246"/>',
                f'<text x="{across(x):.1f}" y="{down(y) - 8:.1f}" '
                f'text-anchor="middle">{y:.0f}</text>']
    return "\n".join(out + ["</svg>"]) + "\n"
