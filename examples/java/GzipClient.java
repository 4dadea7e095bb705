// SPDX-License-Identifier: Apache-2.0
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sends a file to the compression server, then reads the answer. It looks right and is not: while it writes nobody takes
 * what the server sends back. When the queues of that direction are full the server stops reading, the queues of this
 * direction fill too, and both programs wait in write() for ever. Small files fit into the queues.
 *
 * <pre>java GzipClient HOST PORT FILE COMPRESSED [SNDBUF [RCVBUF]]</pre>
 */
public class GzipClient {
	static final int PIECE = 4096;

	public static void main(String[] args) throws Exception {
		byte[] piece = new byte[PIECE];

		try (Socket socket = dial(args); InputStream file = Files.newInputStream(Path.of(args[2]));
		     OutputStream result = Files.newOutputStream(Path.of(args[3]))) {
			OutputStream out = socket.getOutputStream();
			for (int n; (n = file.read(piece)) != -1;) {
				out.write(piece, 0, n);
				show('W');
			}
			socket.shutdownOutput();
			receive(socket, result);
		}
		show('\n');
	}

	/** A connected socket, its queues as large as the last words of the command line say. */
	static Socket dial(String[] args) throws Exception {
		Socket socket = new Socket();

		if (args.length > 4)
			socket.setSendBufferSize(Integer.parseInt(args[4]));
		if (args.length > 5)
			socket.setReceiveBufferSize(Integer.parseInt(args[5]));
		socket.connect(new java.net.InetSocketAddress(args[0], Integer.parseInt(args[1])));
		return socket;
	}

	static void receive(Socket socket, OutputStream result) throws Exception {
		byte[] piece = new byte[PIECE];
		InputStream in = socket.getInputStream();

		for (int n; (n = in.read(piece)) != -1;) {
			result.write(piece, 0, n);
			show('R');
		}
	}

	/** Shows a call as it happens: W for a write, R for a read. */
	static void show(char letter) {
		System.out.print(letter);
		System.out.flush();
	}
}
