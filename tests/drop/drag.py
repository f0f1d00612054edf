"""Drags a file over a window and lets it go there: a source of XDND, version 5.

drag.py WINDOW FILE drops the file; drag.py --away WINDOW FILE takes it away again.
"""

import sys
import time
from pathlib import Path

from Xlib import X, Xatom, display
from Xlib.protocol import event

PATIENCE_SECS = 20


def main():
    is_away = sys.argv[1] == "--away"
    window, file = sys.argv[2:] if is_away else sys.argv[1:]
    screen = display.Display()
    target = screen.create_resource_object("window", int(window))
    atom = screen.intern_atom
    selection, uris = atom("XdndSelection"), atom("text/uri-list")
    root = screen.screen().root
    source = root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
    source.change_property(atom("XdndAware"), Xatom.ATOM, 32, [5])
    source.set_selection_owner(selection, X.CurrentTime)

    def send(name, *words):
        words = [source.id, *words, 0, 0, 0, 0][:5]
        message = event.ClientMessage(window=target, client_type=atom(name), data=(32, words))
        target.send_event(message, event_mask=0)
        screen.flush()

    def serve(until):
        """Hands the file over to whoever asks, until `until` is true of something that came."""
        begin = time.monotonic()
        while time.monotonic() < begin + PATIENCE_SECS:
            while not screen.pending_events() and time.monotonic() < begin + PATIENCE_SECS:
                time.sleep(0.01)
            if not screen.pending_events():
                break
            came = screen.next_event()
            if came.type == X.SelectionRequest:
                text = Path(file).absolute().as_uri() + "\r\n"
                came.requestor.change_property(came.property, uris, 8, text.encode())
                came.requestor.send_event(event.SelectionNotify(
                    time=came.time, requestor=came.requestor, selection=came.selection,
                    target=came.target, property=came.property))
                screen.flush()
            if until(came):
                return came
        sys.exit(f"drag.py: the window {window} does not answer")

    def is_message(name):
        return lambda came: came.type == X.ClientMessage and came.client_type == atom(name)

    place = target.get_geometry()
    at = root.translate_coords(target, place.width // 2, place.height // 2)
    send("XdndEnter", 5 << 24, uris)
    send("XdndPosition", 0, (abs(at.x) << 16) | abs(at.y), X.CurrentTime, atom("XdndActionCopy"))
    state = {"status": None, "is_served": False}

    def is_taken(came):
        if is_message("XdndStatus")(came):
            state["status"] = came.data[1][1]
        state["is_served"] |= came.type == X.SelectionRequest
        return state["status"] is not None and (state["is_served"] or not state["status"] & 1)

    serve(is_taken)
    if not state["status"] & 1:
        sys.exit(f"drag.py: the window {window} wants no files")
    # The window looks at what it was handed before it is let go.
    time.sleep(0.5)
    if is_away:
        send("XdndLeave")
        return
    send("XdndDrop", 0, X.CurrentTime)
    serve(is_message("XdndFinished"))


main()
