"""A real RTSP server on loopback: clips looped without end, each client its own from the start. Run by /usr/bin/python3 (gi)."""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

Gst.init(None)
mounts = json.loads(sys.argv[1])
user, _, password = sys.argv[2].partition(":")

server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service("0")
if user:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
for name, path in mounts.items():
    factory = GstRtspServer.RTSPMediaFactory()
    # The files are long MPEG-TS loops: nothing is decoded or encoded here.
    factory.set_launch(
        f'( filesrc location="{path}" ! tsdemux ! h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 )'
    )
    factory.set_shared(False)
    if user:
        access = "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
        made = Gst.Structure.new_from_string(access)
        factory.add_role_from_structure(made[0] if isinstance(made, tuple) else made)
    server.get_mount_points().add_factory(f"/{name}", factory)
server.attach(None)
sys.stdout.write(f"{server.get_bound_port()}\n")
sys.stdout.flush()
GLib.MainLoop().run()
