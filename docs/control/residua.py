#!/usr/bin/env python3
"""Residua from Python: pip install python-osc; then `residua play CLIP` and this.

Moves a few parameters, and prints what changes for as many seconds as it is told (5).
"""
import argparse
import time

from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import DispatchClient

arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("--host", default="127.0.0.1")
arguments.add_argument("--port", type=int, default=7700)
arguments.add_argument("--seconds", type=float, default=5.0)
options = arguments.parse_args()

client = DispatchClient(options.host, options.port)
# What comes back comes to the socket that asked.
client.dispatcher.set_default_handler(lambda address, *values: print(address, *values, flush=True))

client.send_message("/normalised/playhead/position", 0.5)  # 0..1, whatever range it has
client.send_message("/decay/noise_amplitude", 0.25)  # in its own unit
client.send_message("/clip/switch", "heal")  # a choice by its name
client.send_message("/heal/all", [])  # a trigger needs no argument
client.send_message("/press/mosh/bloom", 0.75)  # a button goes down, with this force ...
client.send_message("/press/mosh/bloom", 0)  # ... and is let go
wish = OscMessageBuilder("/quantise/heal/all")
wish.add_arg("1 bar")
client.send(wish.build())

end = time.monotonic() + options.seconds
asked = float("-inf")
while time.monotonic() < end:
    if time.monotonic() - asked > 5:  # a subscription lasts ten seconds
        client.send_message("/subscribe", [])
        asked = time.monotonic()
    packet = client.receive(0.1)
    if packet:
        client.dispatcher.call_handlers_for_packet(packet, (options.host, options.port))
client.send_message("/unsubscribe", [])
