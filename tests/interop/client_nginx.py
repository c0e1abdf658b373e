#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Our client against nginx: client_nginx.py SCHANNEL [ROW...]"""
import os
import socket

import harness

BIG = 3 << 20
# The port is taken before nginx starts and handed over as it hands sockets to its own successor.
CONFIG = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr info;
events {{ worker_connections 64; }}
http {{
    access_log off;
    default_type text/plain;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        server_name localhost;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        {directives}
        root {folder}/www;
        location = /facts {{
            return 200 "$ssl_protocol $ssl_cipher $ssl_curve $ssl_server_name [$ssl_client_s_dn] $ssl_client_verify";
        }}
    }}
}}
"""


def accept(name, directives=(), client=(), says=(), **more):
    return {"name": name, "directives": list(directives), "client": list(client), "says": list(says), **more}


def reject(name, directives=(), client=(), says=(), **more):
    return accept(name, directives, client, says, status=1, reject=True, **more)


def only(version):
    return "ssl_protocols TLSv1.%s" % version


ROWS = [
    row for version in "23" for row in (
        accept("TLS 1.%s, RSA certificate" % version, [only(version)], cert="rsa", says=["TLSv1." + version]),
        accept("TLS 1.%s, ECDSA certificate" % version, [only(version)], says=["TLSv1." + version, "localhost"]),
        accept("TLS 1.%s, group secp384r1" % version, [only(version), "ssl_ecdh_curve secp384r1"], cert="rsa",
               says=["key exchange           secp384r1", "secp384r1 localhost"]),
        accept("TLS 1.%s, client certificate" % version,
               [only(version), "ssl_verify_client on", "ssl_client_certificate {root:root}", "ssl_verify_depth 3"],
               ["--cert", "{chain:client}", "--key", "{key:client}"], ["[CN=client] SUCCESS"]),
        accept("TLS 1.%s, client certificate optional, none" % version,
               [only(version), "ssl_verify_client optional", "ssl_client_certificate {root:root}"],
               says=["[] NONE"]),
        accept("TLS 1.%s, 3 MiB" % version, [only(version)], path="/big", says=["200 OK"]),
        accept("TLS 1.%s, 3 MiB in records of 1400 bytes" % version, [only(version), "ssl_buffer_size 1400"],
               path="/big", says=["200 OK"]),
        accept("TLS 1.%s, ALPN" % version, [only(version)], ["--alpn", "http/1.1"],
               ["application protocol   http/1.1"]),
        reject("TLS 1.%s, wrong name" % version, [only(version)], cert="wrong-name", says=["SEC_E_WRONG_PRINCIPAL"]),
        reject("TLS 1.%s, untrusted root" % version, [only(version)], cert="other-root",
               says=["SEC_E_UNTRUSTED_ROOT"]),
        reject("TLS 1.%s, expired" % version, [only(version)], cert="expired", says=["SEC_E_CERT_EXPIRED"]),
    )
] + [
    # HTTP says that a certificate is missing; TLS does not.
    accept("client certificate required, none", ["ssl_verify_client on", "ssl_client_certificate {root:root}"],
           says=["400 Bad Request"]),
    reject("the peer speaks 1.1 only", ["ssl_protocols TLSv1.1", "ssl_ciphers ALL:@SECLEVEL=0"],
           says=["SEC_E_UNSUPPORTED_FUNCTION"]),
    reject("no common suite", [only("2"), "ssl_ciphers AES128-SHA"], cert="rsa", says=["SEC_E_ILLEGAL_MESSAGE"]),
    reject("the peer knows no such name", ["ssl_reject_handshake on"], says=["The peer sent alert 112"]),
    reject("HTTP without TLS", plain=True, says=["SEC_E_INVALID_TOKEN"]),
]


def start(row, run):
    """nginx with a listening socket; the port."""
    www = run.pki.path("www")
    if not os.path.isdir(www):
        os.mkdir(www)
        with open(os.path.join(www, "big"), "wb") as to:
            to.write(os.urandom(BIG))
    chain, key = run.pki.chain(row.get("cert", "p256"))
    directives = run.expand(row["directives"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        text = CONFIG.format(folder=run.folder, port=port, chain=chain, key=key,
                             directives=" ".join(d + ";" for d in directives),
                             user="user root;" if os.geteuid() == 0 else "")
        with open(run.pki.path("nginx.conf"), "w") as to:
            to.write(text.replace(" ssl;", ";") if row.get("plain") else text)
        process = harness.Process(["nginx", "-p", run.folder, "-c", run.pki.path("nginx.conf")],
                                  env={"NGINX": "%d;" % listener.fileno()}, pass_fds=[listener.fileno()])
        process.wait_for("using inherited sockets")
    return process, port


def play(row, run):
    server, port = start(row, run)
    path = row.get("path", "/facts")
    client = run.client("--ca", run.pki.root(), *run.expand(row["client"]), "--get", path, "localhost:%d" % port,
                        merge=False)
    status = client.finish()
    server.stop()
    head, _, body = bytes(client.out).partition(b"\r\n\r\n")
    if path == "/big":
        with open(run.pki.path("www/big"), "rb") as of:
            harness.expect(of.read() == body, "the file came differently")
        body = b"%d bytes, equal" % len(body)
    ours = "\n".join([client.err.decode(), head.decode(errors="replace"), body.decode(errors="replace")])
    return harness.Outcome(status, ours, server.text(),
                           " ".join(["nginx", "; ".join(row["directives"]), "| client", *row["client"], "|",
                                     harness.summary(ours), "|", body.decode(errors="replace")[:80]]).replace("\n", " "))


if __name__ == "__main__":
    harness.main(ROWS, play, ("TLS 1.3, client certificate", {"says": ["[] NONE"]}), ["openssl", "nginx"])
