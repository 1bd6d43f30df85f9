"""A real SMTP server for the tests: TLS with a certificate made on the spot, accounts, refusals, silences."""

from __future__ import annotations

import contextlib
import datetime
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "passnum", "mot de passe d'essai"


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for localhost: (certificate, key)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "serveur.pem", folder / "serveur.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@dataclass
class Mailbox:
    """What the server received, and how it behaves. `replies`: answers to give, in turn, to the next texts."""

    received: list[tuple[str, EmailMessage]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    attempts: int = 0
    encrypted: list[bool] = field(default_factory=list)
    on_data: Callable[[], None] = lambda: None

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.unknown:
            return "550 no such user here"
        if address in self.busy:
            self.busy.discard(address)
            return "451 greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.attempts += 1
        reply = self.replies.pop(0) if self.replies else "250 OK"
        if reply.startswith("250"):
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.received.append((envelope.rcpt_tos[0], message))
            self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        self.on_data()
        if reply == "hang up":
            server.transport.abort()
            return "421 gone"
        return reply


@dataclass
class Server:
    """A running server: its port, its mailbox, and the settings that reach it."""

    port: int
    mailbox: Mailbox
    settings: dict


@contextlib.contextmanager
def smtp_server(folder: Path, security: str = "starttls", with_account: bool = True) -> Iterator[Server]:
    """Run a server on localhost; the settings given are those of a mail.yaml that reaches it."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = make_certificate(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    mailbox = Mailbox()

    def authenticate(server, session, envelope, mechanism, data) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=right, handled=right)

    options: dict[str, Any] = {}
    if security == "tls":
        options = {"ssl_context": tls}
    elif security == "starttls":
        options = {"tls_context": tls, "require_starttls": True}
    if with_account:
        options |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": security == "starttls"}
    controller = _Anywhere(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    password = folder / "mot_de_passe"
    password.write_text(PASSWORD + "\n", encoding="utf-8")
    password.chmod(0o600)
    port = controller.server.sockets[0].getsockname()[1]
    settings = {
        "server": "localhost",
        "port": port,
        "security": security,
        "ca_file": str(certificate),
        "sender": "Pass Numérique <pass@metropole.example>",
        "contact": "Claire Martin, direction du numérique",
        "reply_to": "Équipe du pass <reponses@metropole.example>",
        "first_wait_seconds": 0.01,
        "attempts": 3,
        "timeout_seconds": 5,
    }
    if with_account:
        settings |= {"user": USER, "password_file": str(password)}
    try:
        yield Server(port, mailbox, settings)
    finally:
        controller.stop()


class _Anywhere(Controller):
    """Any free port: the controller's own check connects to port 0, so it is told the real one."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
