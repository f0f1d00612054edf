"""websocket-client and python-osc: listens at the web port, while values come by OSC and by another websocket."""
import json
import sys

import websocket
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.udp_client import SimpleUDPClient

web, osc = int(sys.argv[1]), int(sys.argv[2])


def socket():
    return websocket.create_connection(f"ws://127.0.0.1:{web}/", timeout=20, suppress_origin=True)


def command(client, name, path):
    client.send(json.dumps({"COMMAND": name, "DATA": path}))


def hear(client, value):
    """Prints the next value, and goes on until this one came: a smoothed row may pass others."""
    message = OscMessage(client.recv())
    assert message.params == [value], f"{message.address} {message.params}"
    print(message.address, message.params)


one, other = socket(), socket()
command(one, "LISTEN", "/decay/noise_amplitude")
hear(one, 0.0)
SimpleUDPClient("127.0.0.1", osc).send_message("/decay/noise_amplitude", 0.25)
hear(one, 0.25)
builder = OscMessageBuilder("/decay/noise_amplitude")
builder.add_arg(0.75)
other.send_binary(builder.build().dgram)
hear(one, 0.75)
command(one, "IGNORE", "/decay/noise_amplitude")
command(one, "LISTEN", "/programme/hold")
hear(one, False)
one.close()
other.close()
