"""One request to the E-utilities: kept-open connections, retries, and every way it can fail."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import random
import socket
import ssl
import threading
import time
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime

from resartus.errors import ParseError, SourceRefused, SourceUnavailable
from resartus.sources.eutils.pace import Pace, pace_for
from resartus.sources.eutils.settings import EutilsSettings
from resartus.sources.eutils.verdict import Transient, judge_status

__all__ = ["Transport"]

# A proxy or NCBI itself may ask for more patience than anyone has; ask again then.
_LONGEST_RETRY_AFTER_S = 300.0


class Transport:
    """Sends requests at the agreed pace and returns the bytes of the reply.

    Every request is a POST: long lists of PMIDs fit and the key never stands
    in an address that a proxy logs. One connection is kept open per thread.
    """

    def __init__(
        self,
        settings: EutilsSettings,
        *,
        pace: Pace | None = None,
    ) -> None:
        self.settings = settings
        # Every wait ends at once when the transport is stopped.
        self._stopped = threading.Event()
        self._sleep = self._stopped.wait
        self.pace = pace or pace_for(settings, sleep=self._sleep)
        self._jitter = random.Random()
        self._local = threading.local()
        self._open: set[http.client.HTTPConnection] = set()
        self._has_answered = False
        self._url = urllib.parse.urlsplit(settings.base_url)

    def fetch(
        self,
        utility: str,
        parameters: Mapping[str, str],
        *,
        check: Callable[[bytes], None] | None = None,
    ) -> bytes:
        """Return the reply of a utility such as ``"esearch.fcgi"``.

        Parameters
        ----------
        check : callable, optional
            Looks at the body and raises ``Transient`` for one worth another
            try, or ``SourceRefused``.

        Raises
        ------
        SourceUnavailable
            If the machine is offline, or every attempt failed.
        ParseError
            If answers came but none could be read.
        SourceRefused
            If the answer is a clear no.
        """
        body = urllib.parse.urlencode({**parameters, **self._identity()}).encode()
        last: Transient | None = None
        for attempt in range(self.settings.attempts):
            self.pace.wait()
            if self._stopped.is_set():
                raise SourceUnavailable(f"{utility} was stopped before its answer came")
            try:
                content = self._once(utility, body)
                if check is not None:
                    check(content)
                self._has_answered = True
                return content
            except Transient as problem:
                last = problem
            if attempt + 1 < self.settings.attempts:
                self._rest(attempt, last)
        kind = ParseError if last is not None and last.is_content else SourceUnavailable
        raise kind(
            f"{self.settings.host} did not give {utility} in {self.settings.attempts} tries, "
            f"the last time because {last}; what was fetched is kept, so run the command "
            "again later and it goes on from there",
            where=self.settings.host,
        ) from last

    def _identity(self) -> dict[str, str]:
        given = {
            "tool": self.settings.tool,
            "email": self.settings.email,
            "api_key": self.settings.api_key,
        }
        return {name: value for name, value in given.items() if value}

    def _rest(self, attempt: int, problem: Transient) -> None:
        wait_s = min(self.settings.longest_wait_s, self.settings.backoff_s * 2**attempt)
        wait_s *= self._jitter.uniform(0.5, 1.0)
        if problem.retry_after_s is not None:
            wait_s = max(wait_s, min(problem.retry_after_s, _LONGEST_RETRY_AFTER_S))
        if problem.is_rate_limit:
            # The other threads and processes are over the limit as well.
            self.pace.hold(wait_s)
        else:
            self._sleep(wait_s)

    # One exchange --------------------------------------------------------

    def _once(self, utility: str, body: bytes) -> bytes:
        """Send the request once; a kept connection that went stale is opened anew."""
        kept: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if kept is not None:
            try:
                return self._exchange(kept, utility, body)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self._drop(kept)
            except Transient:
                raise
        try:
            fresh = self._connected()
        except OSError as error:
            raise self._unreachable(error) from error
        try:
            return self._exchange(fresh, utility, body)
        except (http.client.HTTPException, OSError) as error:
            self._drop(fresh)
            raise Transient(f"the connection broke: {_said(error)}") from error

    def _exchange(self, connection: http.client.HTTPConnection, utility: str, body: bytes) -> bytes:
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept-Encoding": "gzip",
            "User-Agent": self.settings.tool,
        }
        try:
            connection.request("POST", self._target(utility), body=body, headers=headers)
            reply = connection.getresponse()
            content = reply.read()
        except TimeoutError as error:
            self._drop(connection)
            raise Transient(f"nothing came for {self.settings.timeout_s:g} seconds") from error
        except http.client.IncompleteRead as error:
            self._drop(connection)
            raise Transient(f"the reply was cut off after {len(error.partial)} bytes") from error
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            raise
        except http.client.HTTPException as error:
            self._drop(connection)
            raise Transient(f"the reply was not HTTP: {_said(error)}") from error
        if reply.will_close:
            self._drop(connection)
        if reply.getheader("Content-Encoding", "").lower() == "gzip":
            try:
                content = gzip.decompress(content)
            except (EOFError, OSError, zlib.error) as error:
                raise Transient("the compressed reply was cut off or damaged") from error
        judge_status(
            reply.status,
            reply.reason,
            content,
            location=reply.getheader("Location"),
            retry_after_s=_retry_after(reply.getheader("Retry-After")),
            host=self.settings.host,
        )
        return content

    # Connections ---------------------------------------------------------

    def _target(self, utility: str) -> str:
        path = self._url.path + utility
        if self._url.scheme == "http" and self._proxy() is not None:
            return f"http://{self._url.netloc}{path}"
        return path

    def _proxy(self) -> urllib.parse.SplitResult | None:
        host = self._url.hostname or ""
        proxy = urllib.request.getproxies().get(self._url.scheme)
        if not proxy or urllib.request.proxy_bypass(host):
            return None
        return urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")

    def _connected(self) -> http.client.HTTPConnection:
        """Open a connection, through the proxy of the environment if there is one."""
        host, port = self._url.hostname or "", self._url.port
        proxy = self._proxy()
        timeout = self.settings.timeout_s
        is_secure = self._url.scheme == "https"
        reached = (proxy.hostname or "", proxy.port or 80) if proxy else (host, port)
        connection: http.client.HTTPConnection
        if is_secure:
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(*reached, timeout=timeout, context=context)
            if proxy is not None:
                connection.set_tunnel(host, port or 443)
        else:
            connection = http.client.HTTPConnection(*reached, timeout=timeout)
        connection.connect()
        self._local.connection = connection
        self._open.add(connection)
        return connection

    def _drop(self, connection: http.client.HTTPConnection) -> None:
        connection.close()
        self._open.discard(connection)
        self._local.connection = None

    def _unreachable(self, error: OSError) -> Exception:
        """Say what an unopened connection means; offline from the start is not worth six tries."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return SourceRefused(
                f"the certificate of {self.settings.host} cannot be trusted "
                f"({error.verify_message}); a proxy may stand between: ask who runs the network",
                where=self.settings.host,
            )
        if not self._has_answered:
            return SourceUnavailable(
                f"{self.settings.host} cannot be reached ({_said(error)}); "
                "this machine seems to be offline",
                where=self.settings.host,
            )
        return Transient(f"the connection could not be opened: {_said(error)}")

    def stop(self) -> None:
        """End all waiting and all requests on their way, in every thread; ``resume`` undoes it."""
        self._stopped.set()
        for connection in tuple(self._open):
            if connection.sock is not None:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def resume(self) -> None:
        """Allow requests again."""
        self._stopped.clear()

    def close(self) -> None:
        """Close the connections of all threads; no request may be on its way."""
        for connection in tuple(self._open):
            connection.close()
        self._open.clear()
        self._local = threading.local()


def _said(error: BaseException) -> str:
    if isinstance(error, socket.gaierror):
        return "its name is not known here"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _retry_after(value: str | None) -> float | None:
    """Return the seconds of a ``Retry-After``: a number or a date (RFC 9110, 10.2.3)."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
