#!/usr/bin/env python3
"""The recursive compression loop as its first program has it: numpy and Pillow, one generation a
frame. Prints milliseconds a frame: of the clock (median), of the CPU (mean). Usage: loop.py loop|colour WIDTH HEIGHT FRAMES"""

import io
import sys
import time

import numpy as np
from PIL import Image, ImageFilter

BASE = [
    8, 12, 20, 28, 40, 60, 80, 120, 12, 16, 24, 32, 48, 72, 96, 140,
    20, 24, 32, 40, 60, 90, 120, 160, 28, 32, 40, 50, 70, 110, 150, 200,
    40, 48, 60, 70, 110, 160, 220, 255, 60, 72, 90, 110, 160, 220, 255, 255,
    80, 96, 120, 150, 220, 255, 255, 255, 120, 140, 160, 200, 255, 255, 255, 255,
]


def generation(picture, random, in_colour):
    shift_x, shift_y = random.integers(-3, 4, 2)
    levels = np.roll(np.asarray(picture), (shift_y, shift_x), (0, 1)).astype(np.float64)
    levels = levels + random.normal(0.0, 2.0, levels.shape)
    picture = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(1.3))
    if in_colour:
        picture = picture.filter(ImageFilter.UnsharpMask(2, 180, 3))
    else:
        levels = np.asarray(picture).astype(np.float64)
        grey = 0.299 * levels[..., 0] + 0.587 * levels[..., 1] + 0.114 * levels[..., 2]
        grey = np.clip(grey, 0, 255).astype(np.uint8)
        picture = Image.fromarray(np.stack([grey] * 3, -1))
    table = np.array(BASE) * (1 + random.normal(0, 0.25, 64)) * random.uniform(1.10, 1.25)
    table = np.clip(table, 1, 255).astype(np.uint8).tolist()
    file = io.BytesIO()
    picture.save(file, "JPEG", qtables=[table, table], subsampling="4:2:0", quality=1)
    file.seek(0)
    return Image.open(file).convert("RGB")


def main():
    kind, width, height, frames = sys.argv[1], *map(int, sys.argv[2:5])
    random = np.random.default_rng(1)
    y, x = np.mgrid[0:height, 0:width]
    levels = np.stack([x * 255 // width, y * 255 // height, (x + y) % 256], -1)
    picture = Image.fromarray(levels.astype(np.uint8))
    times = []
    cpu = time.process_time()
    for _ in range(frames):
        start = time.perf_counter()
        picture = generation(picture, random, kind == "colour")
        times.append(time.perf_counter() - start)
    cpu = (time.process_time() - cpu) / frames
    print(f"{sorted(times)[frames // 2] * 1000:.3f} {cpu * 1000:.3f}")


if __name__ == "__main__":
    main()
