"""A MIDI controller made of software, on a JACK server: plays byte streams to the frame, and prints what it hears.

usage: controller.py NAME
Ports: NAME:out and NAME:in. Each line of standard input is a stream: events FRAME:HEX, separated by blanks, FRAME
counted from the stream's beginning. What is heard is printed as a line of hex per message; when a stream is over,
a line "done" follows; "late" says that the server left cycles out meanwhile. Python 3 with JACK-Client (Debian: python3-jack-client).
"""

import collections
import sys
import threading

import jack

client = jack.Client(sys.argv[1], no_start_server=True)
outport = client.midi_outports.register("out")
inport = client.midi_inports.register("in")
waiting = collections.deque()
lock = threading.Lock()


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


heard = collections.deque()
expected = None
wake = threading.Semaphore(0)


@client.set_process_callback
def process(frames):
    global expected
    begin = client.last_frame_time
    # A server on a busy machine leaves cycles out: what was to be played in them comes late.
    if waiting and expected not in (None, begin):
        heard.append("late")
        wake.release()
    expected = begin + frames
    outport.clear_buffer()
    for _, data in inport.incoming_midi_events():
        heard.append(bytes(data).hex())
        wake.release()
    while waiting:
        at, data = waiting[0]
        if at is None:
            waiting.popleft()
            heard.append("done")
            wake.release()
        elif at < begin + frames:
            waiting.popleft()
            outport.write_midi_event(max(at - begin, 0), data)
        else:
            break


def printer():
    while True:
        wake.acquire()
        say(heard.popleft())


client.activate()
threading.Thread(target=printer, daemon=True).start()
say("ready")
for line in sys.stdin:
    # A tenth of a second ahead, so that the whole stream is there when it begins.
    begin = client.frame_time + client.samplerate // 10
    events = [event.split(":") for event in line.split()]
    waiting.extend((begin + int(frame), bytes.fromhex(data)) for frame, data in events)
    waiting.append((None, b""))
