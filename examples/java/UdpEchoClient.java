// SPDX-License-Identifier: Apache-2.0
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;

/**
 * Sends its words in one datagram and waits for them to come back; UDP repeats nothing, so the client does, five times at
 * most.
 *
 * <pre>java UdpEchoClient HOST PORT WORDS</pre>
 */
public class UdpEchoClient {
	public static void main(String[] args) throws Exception {
		byte[] words = args[2].getBytes("UTF-8"), buffer = new byte[65536];

		try (DatagramSocket socket = new DatagramSocket()) {
			socket.connect(new InetSocketAddress(args[0], Integer.parseInt(args[1])));
			socket.setSoTimeout(3000);
			for (int tries = 0; tries < 5; tries++) {
				DatagramPacket answer = new DatagramPacket(buffer, buffer.length);
				socket.send(new DatagramPacket(words, words.length));
				try {
					socket.receive(answer);
				} catch (SocketTimeoutException e) {
					continue;
				}
				System.out.println("received: " + new String(buffer, 0, answer.getLength(), "UTF-8"));
				return;
			}
			System.err.println("no answer");
			System.exit(1);
		}
	}
}
