// SPDX-License-Identifier: Apache-2.0
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * One half of a pair of which both write N bytes before they read N bytes. Whether they ever return depends on N and on
 * the sizes of four queues: with SQS + RQS of a direction or less a write needs no reader; with one byte more both wait
 * for each other.
 *
 * <pre>java WriteFirst HOST|-l PORT BYTES [SNDBUF [RCVBUF]]</pre>
 */
public class WriteFirst {
	public static void main(String[] args) throws Exception {
		int port = Integer.parseInt(args[1]), bytes = Integer.parseInt(args[2]);

		if (!args[0].equals("-l")) {
			Socket socket = new Socket();
			set(socket, args);
			socket.connect(new InetSocketAddress(args[0], port));
			exchange(socket, bytes);
			return;
		}
		try (ServerSocket server = new ServerSocket()) {
			if (args.length > 4)
				server.setReceiveBufferSize(Integer.parseInt(args[4]));
			server.bind(new InetSocketAddress(port));
			Socket socket = server.accept();
			set(socket, args);
			exchange(socket, bytes);
		}
	}

	private static void set(Socket socket, String[] args) throws Exception {
		if (args.length > 3)
			socket.setSendBufferSize(Integer.parseInt(args[3]));
		if (args.length > 4)
			socket.setReceiveBufferSize(Integer.parseInt(args[4]));
	}

	private static void exchange(Socket take, int bytes) throws Exception {
		try (Socket socket = take) {
			socket.getOutputStream().write(new byte[bytes]);
			System.out.println("written " + bytes);
			System.out.println("read " + socket.getInputStream().readNBytes(bytes).length);
		}
	}
}
