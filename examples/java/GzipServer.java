// SPDX-License-Identifier: Apache-2.0
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.zip.GZIPOutputStream;

/**
 * Reads uncompressed bytes and writes back compressed ones as it goes; ends its stream when the client has ended its
 * own. It holds little: a client that only writes finds, sooner or later, all queues of both directions full.
 *
 * <pre>java GzipServer PORT [CLIENTS [SNDBUF [RCVBUF]]]</pre>
 */
public class GzipServer {
	public static void main(String[] args) throws Exception {
		int clients = args.length > 1 ? Integer.parseInt(args[1]) : Integer.MAX_VALUE;

		try (ServerSocket server = new ServerSocket()) {
			if (args.length > 3)
				server.setReceiveBufferSize(Integer.parseInt(args[3]));
			server.bind(new InetSocketAddress(Integer.parseInt(args[0])));
			for (int i = 0; i < clients; i++) {
				try (Socket client = server.accept()) {
					if (args.length > 2)
						client.setSendBufferSize(Integer.parseInt(args[2]));
					compress(client);
				}
			}
		}
	}

	private static void compress(Socket client) throws Exception {
		byte[] piece = new byte[4096];
		long total = 0;

		try (InputStream in = client.getInputStream(); OutputStream out = new GZIPOutputStream(client.getOutputStream())) {
			for (int n; (n = in.read(piece)) != -1; total += n)
				out.write(piece, 0, n);
		}
		System.out.println("compressed " + total);
	}
}
