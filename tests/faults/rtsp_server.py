"""An RTSP camera on this machine: ``python3 rtsp_server.py PORT``; prints a line once it serves ``/camera``.

Runs in the system's interpreter, whose packages python3-gi and gir1.2-gst-rtsp-server-1.0 it needs.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
server = GstRtspServer.RTSPServer(address="127.0.0.1", service=sys.argv[1])
factory = GstRtspServer.RTSPMediaFactory(shared=True)
factory.set_launch(
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=160,height=120,framerate=25/1 "
    "! jpegenc ! rtpjpegpay name=pay0 pt=26 )"
)
server.get_mount_points().add_factory("/camera", factory)
if server.attach(None) == 0:
    sys.exit(f"port {sys.argv[1]} is taken")
print("serving", flush=True)
GLib.MainLoop().run()
