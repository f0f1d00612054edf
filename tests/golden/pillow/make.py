"""Makes the goldens of blur and sharpen: small pictures through filters of Pillow.

Needs Pillow >= 11.3 and numpy. Run it in this folder; it writes the PNGs and cases.json.
"""

import json

import numpy
from PIL import Image, ImageFilter


def picture(width, height, seed):
    """Smooth in red, hard bars and saturated parts in green, noise in blue and over one half."""
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0:height, 0:width]
    red = 127 + 120 * numpy.sin(x / 9) * numpy.cos(y / 7)
    green = numpy.where((x // 5 + y // 6) % 2 == 0, 255, 0)
    blue = random.integers(0, 256, (height, width))
    levels = numpy.stack([red, green, blue], axis=2)
    levels += (x > width // 2)[..., None] * random.normal(0, 12, levels.shape)
    levels[: height // 4, : width // 4] = 255
    levels[-height // 4 :, : width // 4] = 0
    return Image.fromarray(levels.clip(0, 255).astype(numpy.uint8))


def case(filter_name, source, output, top, **values):
    return {"filter": filter_name, "input": source, "output": output, "top": top, **values}


def column(pictures):
    """Pictures of one size, one under the other."""
    return Image.fromarray(numpy.concatenate([numpy.asarray(one) for one in pictures]))


def main():
    cases = []
    large, small, tiny = picture(61, 47, 1), picture(24, 14, 2), picture(5, 3, 3)
    # Of all pictures the one on which the smallest blur is felt.
    y, x = numpy.mgrid[0:9, 0:13]
    squares = numpy.where((x + y) % 2 == 0, 255, 0).astype(numpy.uint8)
    fine = Image.fromarray(numpy.stack([squares] * 3, axis=2))
    for name, image in [("large", large), ("small", small), ("tiny", tiny), ("fine", fine)]:
        image.save(f"{name}_in.png", optimize=True)
    blurs = [
        ("large", large, [0.5, 1.3, 2, 4, 8]),
        ("small", small, [step / 4 for step in range(1, 33)]),
        ("tiny", tiny, [0.5, 1.3, 2, 3, 4, 8]),
        ("fine", fine, [0.01, 0.05, 0.07, 0.076, 0.077, 0.08, 0.09, 0.1, 0.15, 0.2, 0.24, 0.3]),
    ]
    for name, image, radii in blurs:
        output = f"{name}_blur_out.png"
        results = [image.filter(ImageFilter.GaussianBlur(radius)) for radius in radii]
        column(results).save(output, optimize=True)
        for place, radius in enumerate(radii):
            top = place * image.height
            cases.append(case("blur", f"{name}_in.png", output, top, radius=radius))
    masks = [(2, 180, 3), (2, 180, 0), (0.5, 400, 0), (1.3, 33, 10), (4, 99, 64), (8, 250, 1)]
    results = [large.filter(ImageFilter.UnsharpMask(*mask)) for mask in masks]
    column(results).save("large_unsharp_out.png", optimize=True)
    for place, (radius, percent, threshold) in enumerate(masks):
        values = {"radius": radius, "percent": percent, "threshold": threshold}
        top = place * large.height
        cases.append(case("unsharp", "large_in.png", "large_unsharp_out.png", top, **values))
    with open("cases.json", "w") as file:
        json.dump(cases, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
