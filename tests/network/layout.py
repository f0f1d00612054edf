"""Opens the layout of TouchOSC: XML in zlib. Prints its addresses, and whether the script still writes it so."""
import importlib.machinery
import importlib.util
import json
import pathlib
import sys
import xml.etree.ElementTree as xml
import zlib

root = pathlib.Path(sys.argv[1])
top = xml.fromstring(zlib.decompress((root / "docs/control/residua.tosc").read_bytes()))
assert (top.tag, top.attrib["version"], [child.tag for child in top]) == ("lexml", "3", ["node"])
identities = [node.attrib["ID"] for node in top.iter("node")]
assert len(identities) == len(set(identities))
addresses = [partial.findtext("value") for path in top.iter("path") for partial in path]
buttons = {
    node.findtext("properties/property[key='name']/value"): node.findtext(".//path/partial/value")
    for node in top.iter("node")
    if node.attrib["type"] == "BUTTON"
}
sys.dont_write_bytecode = True
loader = importlib.machinery.SourceFileLoader("layout", str(root / "scripts/touchosc-layout"))
script = importlib.util.module_from_spec(importlib.util.spec_from_loader("layout", loader))
loader.exec_module(script)
written = xml.tostring(script.layout())
print(json.dumps({"addresses": addresses, "buttons": buttons, "is_as_written": written == xml.tostring(top)}))
