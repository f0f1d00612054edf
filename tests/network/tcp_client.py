"""python-osc over TCP: PORT, 1.0 (size) or 1.1 (SLIP), VALUE. Subscribes, sends, prints what it is told."""
import sys
import time

from pythonosc.tcp_client import SimpleTCPClient
from pythonosc.osc_bundle import OscBundle

port, framing, value = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
client = SimpleTCPClient("127.0.0.1", port, mode=framing)
client.send_message("/subscribe", [])
seen = set()


def print_all(packet):
    from pythonosc.osc_packet import OscPacket

    for timed in OscPacket(packet).messages:
        print(timed.message.address, *timed.message.params)
        seen.add(timed.message.address)


end = time.monotonic() + 20
while not {"/decay/noise_amplitude", "/status/tick"} <= seen:
    assert time.monotonic() < end, f"not told: {len(seen)} addresses"
    for packet in client.receive(timeout=1):
        print_all(packet)
client.send_message("/decay/noise_amplitude", value)
time.sleep(0.3)
client.close()
