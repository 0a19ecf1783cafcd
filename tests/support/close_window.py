"""Closes a window as a window manager does: sends it WM_DELETE_WINDOW (ICCCM 4.2.8.1)."""

import sys
from ctypes import CDLL, Structure, byref, c_char, c_char_p, c_int, c_long, c_ulong, c_void_p


class ClientMessage(Structure):
    _fields_ = [
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("window", c_ulong),
        ("message_type", c_ulong),
        ("format", c_int),
        ("data", c_long * 5),
        ("room_for_any_event", c_char * 96),
    ]


x11 = CDLL("libX11.so.6")
x11.XOpenDisplay.restype = c_void_p
x11.XOpenDisplay.argtypes = [c_char_p]
x11.XInternAtom.restype = c_ulong
x11.XInternAtom.argtypes = [c_void_p, c_char_p, c_int]
x11.XSendEvent.argtypes = [c_void_p, c_ulong, c_int, c_long, c_void_p]
x11.XCloseDisplay.argtypes = [c_void_p]

CLIENT_MESSAGE = 33
window = int(sys.argv[1])
display = x11.XOpenDisplay(None)
atom = lambda name: x11.XInternAtom(display, name, 0)
message = ClientMessage(CLIENT_MESSAGE, 0, 1, display, window, atom(b"WM_PROTOCOLS"), 32)
message.data[0] = atom(b"WM_DELETE_WINDOW")
x11.XSendEvent(display, window, 0, 0, byref(message))
x11.XCloseDisplay(display)
