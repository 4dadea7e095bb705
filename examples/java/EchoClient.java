// SPDX-License-Identifier: Apache-2.0
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.Random;

/** Sends bytes to an echo server in pieces and waits for each piece to come back: the only way to know it arrived. */
public class EchoClient {
	public static void main(String[] args) throws Exception {
		int total = args.length > 2 ? Integer.parseInt(args[2]) : 1 << 20;
		byte[] sent = new byte[20000];
		byte[] got = new byte[sent.length];
		Random random = new Random(1);

		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress(args[0], Integer.parseInt(args[1])), 10000);
			socket.setTcpNoDelay(true);
			socket.setSoTimeout(30000);
			InputStream in = socket.getInputStream();
			OutputStream out = socket.getOutputStream();
			for (int done = 0; done < total; done += sent.length) {
				random.nextBytes(sent);
				out.write(sent);
				for (int at = 0, n; at < got.length; at += n) {
					n = in.read(got, at, got.length - at);
					if (n == -1)
						throw new IllegalStateException("closed after " + (done + at) + " bytes");
				}
				if (!Arrays.equals(sent, got))
					throw new IllegalStateException("not what was sent");
			}
			socket.shutdownOutput();
			if (in.read() != -1)
				throw new IllegalStateException("more than was sent");
			System.out.println("echo is right: " + socket.getLocalSocketAddress() + " " + socket.getRemoteSocketAddress());
		}
	}
}
