"""An S3 server for tests: moto's, behind a gate that lets through only what is signed with the right key."""

import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

ACCESS, SECRET, REGION, BUCKET = "office", "s" * 40, "eu-north-1", "komshu"


class _Auth(S3SigV4Auth):
    """botocore's signer, at the moment the request was signed."""

    def signed_again(self, request: AWSRequest) -> str:
        canonical = self.canonical_request(request)
        return self.signature(self.string_to_sign(request, canonical), request)


@dataclass
class Server:
    """The server: where it is, what it was asked, and how it is made to fail."""

    endpoint: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of every request."""
    failing: int = 0
    """The status every request is answered with, when it is not 0."""

    def asked_for(self, method: str) -> list[str]:
        """The paths asked for with a method."""
        return [path for asked, path in self.asked if asked == method]


def _signature(request: Request) -> str:
    """The signature a request should have; empty when it names another key or no signature at all."""
    header = request.headers.get("Authorization", "")
    parts = dict(part.strip().split("=", 1) for part in header.partition(" ")[2].split(",") if "=" in part)
    if not parts.get("Credential", "").startswith(f"{ACCESS}/"):
        return ""
    signed = {name: request.headers[name] for name in parts["SignedHeaders"].split(";")}
    query = request.query_string.decode()
    url = f"http://{request.host}{quote(request.path)}" + (f"?{query}" if query else "")
    again = AWSRequest(method=request.method, url=url, headers=signed, data=request.get_data())
    moment = request.headers["X-Amz-Date"]
    again.context.update(timestamp=moment, payload_signing_enabled=True)
    return _Auth(Credentials(ACCESS, SECRET), "s3", REGION).signed_again(again)


def _gate(server: Server, app: Any) -> Any:
    def answer(environ: Any, start: Any) -> Any:
        request = Request(environ)
        body = request.get_data(cache=True)
        server.asked.append((request.method, request.path))

        def refuse(status: int, code: str) -> Any:
            return Response(f"<Error><Code>{code}</Code></Error>", status, content_type="application/xml")(
                environ, start
            )

        if server.failing:
            return refuse(server.failing, "InternalError")
        sent = request.headers.get("Authorization", "").rpartition("Signature=")[2]
        if not sent or sent != _signature(request):
            return refuse(403, "SignatureDoesNotMatch")
        environ["wsgi.input"] = io.BytesIO(body)
        return app(environ, start)

    return answer


@contextmanager
def running() -> Iterator[Server]:
    """The server with an empty bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = Server()
    http = make_server("127.0.0.1", 0, _gate(server, DomainDispatcherApplication(create_backend_app)), threaded=True)
    server.endpoint = f"http://127.0.0.1:{http.server_port}"
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    client = boto3.client(
        "s3", endpoint_url=server.endpoint, region_name=REGION, aws_access_key_id=ACCESS, aws_secret_access_key=SECRET
    )
    with suppress(client.exceptions.BucketAlreadyOwnedByYou):  # the stand-in keeps its buckets for the process
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    for kept in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=kept["Key"])
    server.asked.clear()
    yield server
    http.shutdown()
    thread.join()
