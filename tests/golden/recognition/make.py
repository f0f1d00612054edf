"""Makes what stands beside it: python3 -m venv v; v/bin/pip install numpy pillow onnxruntime; v/bin/python make.py

Values of shapes12.onnx come from onnxruntime and Pillow, not from the program that is tested.
"""
import json, os, sys
import numpy as np, onnxruntime as ort
from PIL import Image
HERE = os.path.dirname(os.path.abspath(__file__))
BUNDLED = os.path.join(HERE, '..', '..', '..', 'presets', 'recognition')
sys.path.insert(0, BUNDLED)
import gen
labels = open(os.path.join(BUNDLED, 'labels.txt')).read().split()
session = ort.InferenceSession(os.path.join(BUNDLED, 'shapes12.onnx'))
def look(im):
    p = session.run(None, {'image': gen.preprocess(im)[None]})[0][0]
    return {'class': labels[int(p.argmax())], 'probabilities': [round(float(x), 6) for x in p]}
said = {}
for name, seed in (('star', 405), ('face', 407), ('heart', 406)):
    # Training drew from seeds 1, validation from 2 and the sheet of samples from 9.
    r = np.random.default_rng([2026, seed])
    im = gen.draw(name, r)
    im.save(os.path.join(HERE, f'drawn_{name}.png'))
    said[f'drawn_{name}.png'] = look(im)
star = Image.open(os.path.join(HERE, 'parity_star.png'))
said['parity_star.png'] = look(star)
w, h = star.size
s = gen.N / min(w, h)
small = star.convert('RGB').resize((max(gen.N, round(w * s)), max(gen.N, round(h * s))), Image.BILINEAR)
small.save(os.path.join(HERE, 'parity_star_small.png'))
# A width that does not come out even, made larger and smaller.
odd = star.convert('RGB').crop((0, 0, 101, 77))
odd.resize((37, 41), Image.BILINEAR).save(os.path.join(HERE, 'odd_37x41.png'))
odd.resize((150, 90), Image.BILINEAR).save(os.path.join(HERE, 'odd_150x90.png'))
json.dump(said, open(os.path.join(HERE, 'classes.json'), 'w'), indent=1)
print(json.dumps(said, indent=None))
