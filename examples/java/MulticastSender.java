// SPDX-License-Identifier: Apache-2.0
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.MulticastSocket;

/**
 * Sends its words to a group, in one datagram. How far it goes is its time to live: 1 stays on this link.
 *
 * <pre>java MulticastSender GROUP PORT WORDS [TTL]</pre>
 */
public class MulticastSender {
	public static void main(String[] args) throws Exception {
		byte[] words = args[2].getBytes("UTF-8");

		try (MulticastSocket socket = new MulticastSocket()) {
			socket.setTimeToLive(args.length > 3 ? Integer.parseInt(args[3]) : 1);
			socket.send(new DatagramPacket(words, words.length, InetAddress.getByName(args[0]), Integer.parseInt(args[1])));
		}
	}
}
