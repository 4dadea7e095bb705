# SPDX-License-Identifier: Apache-2.0
"""curl against python3 -m http.server and nginx: files arrive whole, over IPv4 and IPv6."""

import hashlib
import os
import subprocess
import sys

import pytest
from conftest import need, wait_for


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def start_nginx(world, directory, host="b", workers=2):
    need("nginx")
    conf = world.directory / "nginx.conf"
    tmp = world.directory
    conf.write_text(f"""
{'user root;' if os.getuid() == 0 else ''}
daemon off;
worker_processes {workers};
pid {tmp}/nginx.pid;
error_log {tmp}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    sendfile on;
    client_body_temp_path {tmp}/c; proxy_temp_path {tmp}/p; fastcgi_temp_path {tmp}/f; uwsgi_temp_path {tmp}/u; scgi_temp_path {tmp}/s;
    server {{ listen 80; listen [::]:80; root {directory}; }}
}}
""")
    nginx = world.start(host, "nginx", "-e", f"{tmp}/error.log", "-p", tmp, "-c", conf)
    world.listening(host, 80)
    return nginx


def test_python_http_server_and_curl(world, payload, tmp_path):
    path = payload(20)
    world.start("b", sys.executable, "-u", "-m", "http.server", "8000", "--directory", path.parent)
    world.listening("b", 8000)
    world.run("a", "curl", "-sS", "--fail", "-o", tmp_path / "got", "http://b:8000/payload")
    assert sha256(tmp_path / "got") == sha256(path)


@pytest.mark.parametrize("url", ["http://10.0.0.2/payload", "http://[fd00::2]/payload", "http://b/payload"])
def test_nginx_two_workers_sendfile(world, payload, tmp_path, url):
    path = payload(64)
    start_nginx(world, path.parent)
    world.run("a", "curl", "-sS", "--fail", "-o", tmp_path / "got", url)
    assert sha256(tmp_path / "got") == sha256(path)


def test_T1_3_structure_outlives_the_program(world, payload, tmp_path):
    """The side that closed first keeps TIME_WAIT when its program is gone (T1.3, T6.2)."""
    path = payload(1)
    start_nginx(world, path.parent)
    world.run("a", "curl", "-sS", "--fail", "-o", tmp_path / "got", "http://b/payload")
    waiting = wait_for(lambda: [s for s in world.sockets("a") if s["state"] == "TIME_WAIT"], "TIME_WAIT on a")
    assert waiting[0]["remote"] == {"addr": "10.0.0.2", "port": 80}
    text = world.weir("netstat", "-tan", "a").stdout
    assert "TIME_WAIT" in text


def test_many_connections_one_after_another(world, payload, tmp_path):
    path = payload(1)
    start_nginx(world, path.parent)
    urls = [arg for i in range(50) for arg in ("-o", str(tmp_path / f"got{i}"), "http://b/payload")]
    world.run("a", "curl", "-sS", "--fail", "-H", "Connection: close", *urls)
    want = sha256(path)
    assert all(sha256(tmp_path / f"got{i}") == want for i in range(50))


def test_refused_connection(world):
    done = subprocess.run(world.command("a", "curl", "-sS", "http://b:81/"), env=world.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 7  # curl: could not connect
    refused = "import socket\ntry: socket.create_connection(('b', 81))\nexcept ConnectionRefusedError: print('refused')"
    assert world.run("a", sys.executable, "-c", refused) == b"refused\n"
