# SPDX-License-Identifier: MIT
"""Certificates for one run, made by the openssl command in the run's own folder.

Root (RSA) -> intermediate (P-384) -> leaf of the wanted key. Everything is made when it is first asked for.
"""
import os
import subprocess

KEYS = {
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "p256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "ed25519": ["-algorithm", "ED25519"],
}
NAMES = "DNS:localhost,IP:127.0.0.1,IP:::1"
YEARS = ("20200101000000Z", "20491231000000Z")
PAST = ("20200101000000Z", "20210101000000Z")
# name: key, issuer, names, extended usage, validity
LEAVES = {
    "rsa": ("rsa", "intermediate", NAMES, "serverAuth", YEARS),
    "p256": ("p256", "intermediate", NAMES, "serverAuth", YEARS),
    "p384": ("p384", "intermediate", NAMES, "serverAuth", YEARS),
    "ed25519": ("ed25519", "intermediate", NAMES, "serverAuth", YEARS),
    "expired": ("p256", "intermediate", NAMES, "serverAuth", PAST),
    "wrong-name": ("p256", "intermediate", "DNS:elsewhere.example", "serverAuth", YEARS),
    "wrong-usage": ("p256", "intermediate", NAMES, "clientAuth", YEARS),
    "other-root": ("p256", "other", NAMES, "serverAuth", YEARS),
    "client": ("p256", "intermediate", "DNS:client.example", "clientAuth", YEARS),
    "client-rsa": ("rsa", "intermediate", "DNS:client.example", "clientAuth", YEARS),
    "client-other-root": ("p256", "other", "DNS:client.example", "clientAuth", YEARS),
}
CONFIG = """[ca]
default_ca = it
[it]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
"""


class Pki:
    def __init__(self, folder):
        self.folder = folder
        self.made = set()
        open(self.path("index.txt"), "w").close()
        with open(self.path("ca.cnf"), "w") as to:
            to.write(CONFIG.format(folder=folder))

    def path(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, *args):
        done = subprocess.run(["openssl", *args], capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError("openssl %s: %s" % (" ".join(args), done.stderr))

    def key(self, name, kind):
        self.openssl("genpkey", *KEYS[kind], "-out", self.path(name + ".key"))

    def issue(self, name, issuer, extensions, validity):
        """Signs the key `name`; self-signed when it is its own issuer."""
        self.openssl("req", "-new", "-config", self.path("ca.cnf"), "-key", self.path(name + ".key"),
                     "-subj", "/CN=" + name, "-out", self.path(name + ".csr"))
        with open(self.path(name + ".ext"), "w") as to:
            to.write(extensions + "\nsubjectKeyIdentifier = hash\n")
        signer = ["-selfsign"] if issuer == name else ["-cert", self.path(issuer + ".crt")]
        self.openssl("ca", "-batch", "-notext", "-config", self.path("ca.cnf"), *signer,
                     "-keyfile", self.path(issuer + ".key"), "-in", self.path(name + ".csr"),
                     "-out", self.path(name + ".crt"), "-extfile", self.path(name + ".ext"),
                     "-startdate", validity[0], "-enddate", validity[1])

    def authority(self, name):
        if name in self.made:
            return
        self.made.add(name)
        self.key(name, "p384" if name == "intermediate" else "rsa")
        issuer = name
        if name == "intermediate":
            issuer = "root"
            self.authority(issuer)
        self.issue(name, issuer, "basicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign,cRLSign",
                   YEARS)

    def response(self, name):
        """File of an OCSP response of the intermediate about a leaf; `NAME-revoked` says revoked."""
        leaf = name.replace("-revoked", "")
        self.chain(leaf)
        issuer, ocsp = self.path("intermediate.crt"), self.path(name + ".ocsp")
        request, index = self.path(name + ".request"), self.path(name + ".index")
        with open(self.path("index.txt")) as of:
            lines = [line.rstrip("\n").split("\t") for line in of if line.rstrip().endswith("/CN=" + leaf)]
        with open(index, "w") as to:
            for line in lines:
                state = ["R", line[1], "200601000000Z"] if name != leaf else ["V", line[1], ""]
                to.write("\t".join(state + line[3:]) + "\n")
        self.openssl("ocsp", "-issuer", issuer, "-cert", self.path(leaf + ".crt"), "-reqout", request)
        self.openssl("ocsp", "-index", index, "-rsigner", issuer, "-rkey", self.path("intermediate.key"), "-CA",
                     issuer, "-reqin", request, "-respout", ocsp, "-ndays", "7")
        return ocsp

    def root(self, name="root"):
        """File of a root: `root`, or `other`, which nobody trusts."""
        self.authority(name)
        return self.path(name + ".crt")

    def chain(self, name):
        """File of a leaf followed by the intermediate, and file of its key."""
        kind, issuer, names, usage, validity = LEAVES[name]
        if name not in self.made:
            self.made.add(name)
            self.authority(issuer)
            self.key(name, kind)
            self.issue(name, issuer, "basicConstraints = CA:false\nkeyUsage = critical,digitalSignature\n"
                       "extendedKeyUsage = %s\nsubjectAltName = %s" % (usage, names), validity)
            with open(self.path(name + ".pem"), "w") as to:
                for part in [name] + (["intermediate"] if issuer == "intermediate" else []):
                    with open(self.path(part + ".crt")) as of:
                        to.write(of.read())
        return self.path(name + ".pem"), self.path(name + ".key")
