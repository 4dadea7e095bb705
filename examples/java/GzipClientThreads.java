// SPDX-License-Identifier: Apache-2.0
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The compression client without the deadlock: a second thread writes, then ends the stream; this one reads meanwhile,
 * so the queues of the answer always drain.
 *
 * <pre>java GzipClientThreads HOST PORT FILE COMPRESSED [SNDBUF [RCVBUF]]</pre>
 */
public class GzipClientThreads {
	public static void main(String[] args) throws Exception {
		try (Socket socket = GzipClient.dial(args); OutputStream result = Files.newOutputStream(Path.of(args[3]))) {
			Thread sender = new Thread(() -> send(socket, Path.of(args[2])));
			sender.start();
			GzipClient.receive(socket, result);
			sender.join();
		}
		GzipClient.show('\n');
	}

	private static void send(Socket socket, Path path) {
		byte[] piece = new byte[GzipClient.PIECE];

		try (InputStream file = Files.newInputStream(path)) {
			OutputStream out = socket.getOutputStream();
			for (int n; (n = file.read(piece)) != -1;) {
				out.write(piece, 0, n);
				GzipClient.show('W');
			}
			socket.shutdownOutput();
		} catch (Exception e) {
			e.printStackTrace();
			System.exit(1);
		}
	}
}
