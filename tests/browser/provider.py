"""A real OpenID Connect provider on this machine, for the sign-in of the pages: whoever `who` names signs in at once.

Code flow, RS256 identity tokens, discovery document, key set; and the access file that names it. Nothing of Streamlit
is replaced.
"""

from __future__ import annotations

import secrets
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

#: The territory of the reader who has one.
TERRITORY = ("94080", "Vincennes")
_ACCESS = """
oidc:
  redirect_uri: {site}/oauth2callback
  client_id: passnum
  server_metadata_url: {provider}/.well-known/openid-configuration
  client_secret_file: client.secret
  cookie_secret_file: cookie.secret
personnes:
  - {{courriel: equipe@metropole.example, role: equipe}}
  - {{courriel: comite@metropole.example, role: comite}}
  - {{courriel: elue@vincennes.example, role: territoire, territoire: "{territory}"}}
"""


class Provider:
    """Serves on 127.0.0.1:`port` between `start` and `stop`. `who` is the address that signs in next."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.who = ""
        self._key = RSAKey.generate_key(2048, {"kid": "test"})
        self._codes: dict[str, dict[str, str]] = {}
        routes = [
            Route("/.well-known/openid-configuration", self._discovery),
            Route("/authorize", self._authorize),
            Route("/token", self._token, methods=["POST"]),
            Route("/keys", self._keys),
        ]
        config = uvicorn.Config(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="error")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        """Returns once it answers."""
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)

    def stop(self) -> None:
        """Returns once the port is free."""
        self._server.should_exit = True
        self._thread.join(timeout=10)

    async def _discovery(self, _request: Request) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _authorize(self, request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked | {"email": self.who}
        answer = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{answer}", status_code=302)

    async def _token(self, request: Request) -> JSONResponse:
        form = await request.form()
        asked = self._codes.pop(str(form["code"]))
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": asked["client_id"],
            "sub": asked["email"],
            "email": asked["email"],
            "email_verified": True,
            "iat": now,
            "exp": now + 600,
        }
        if "nonce" in asked:
            claims["nonce"] = asked["nonce"]
        token = jwt.encode({"alg": "RS256", "kid": "test"}, claims, self._key)
        return JSONResponse(
            {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "expires_in": 600, "id_token": token}
        )

    async def _keys(self, _request: Request) -> JSONResponse:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})


def write_access(folder: Path, site: str, provider: Provider) -> Path:
    """An access file and its two secrets, for pages read at `site`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("client.secret", "cookie.secret"):
        (folder / name).write_text(secrets.token_hex(32))
        (folder / name).chmod(0o600)
    path = folder / "access.yaml"
    path.write_text(_ACCESS.format(site=site, provider=provider.address, territory=TERRITORY[0]), encoding="utf-8")
    return path
