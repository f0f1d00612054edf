"""python-oscquery: finds the service at the port it is told by multicast DNS, and reads it."""
import json
import sys
import time

from pythonoscquery.osc_query_browser import OSCQueryBrowser
from pythonoscquery.osc_query_client import OSCQueryClient

port = int(sys.argv[1])
browser = OSCQueryBrowser()
end = time.monotonic() + 30
service = None
while service is None:
    assert time.monotonic() < end, "not announced"
    time.sleep(0.2)
    found = [service for service in browser.get_discovered_oscquery() if service is not None]
    service = next((service for service in found if service.port == port), None)
client = OSCQueryClient(service)
info = client.get_host_info()
osc = []
while info.osc_port not in osc:
    assert time.monotonic() < end, f"OSC itself not announced: {osc}"
    time.sleep(0.2)
    osc = [service.port for service in browser.get_discovered_osc() if service is not None]


def plain(node):
    return node and {"value": node.value, "access": int(node.access), "description": node.description}


print(json.dumps({
    "name": info.name,
    "address": ".".join(str(part) for part in service.addresses[0]),
    "osc_port": info.osc_port,
    "osc_transport": info.osc_transport,
    "osc_service_port": info.osc_port if info.osc_port in osc else None,
    "noise": plain(client.query_node("/decay/noise_amplitude")),
    "trigger": plain(client.query_node("/heal/all")),
    "nothing": plain(client.query_node("/no/such/node")),
    "decay_nodes": sum(1 for _ in client.query_node("/decay")),
    # This client takes no node that is method and container at once: there must be none.
    "all_nodes": sum(1 for _ in client.query_node("/")),
}))
browser.zc.close()
