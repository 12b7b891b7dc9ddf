"""A proxy for TCP on the loopback that counts the bytes of both directions."""

import socket
import threading


class CountingProxy:
    """Hands on what comes to `port` to another port, and back, until it is closed.

    up, down: bytes of the streams towards the other port and from it: what TCP carries, TLS included, without
    the headers of TCP and IP.
    """

    def __init__(self, target):
        self.target = target
        self.up = 0
        self.down = 0
        self._count = threading.Lock()
        self._server = socket.create_server(('127.0.0.1', 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        """Takes no more connections."""
        try:
            self._server.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits, which holds the port
        except OSError:
            pass  # closed already
        self._server.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return  # closed
            try:
                server = socket.create_connection(('127.0.0.1', self.target))
            except OSError:
                client.close()
                continue
            threading.Thread(target=self._pass_on, args=(client, server, 'up'), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, 'down'), daemon=True).start()

    def _pass_on(self, source, sink, direction):
        try:
            while data := source.recv(1 << 16):
                # Counted first: who has got the bytes may ask for their number at once.
                with self._count:
                    setattr(self, direction, getattr(self, direction) + len(data))
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        source.close()
