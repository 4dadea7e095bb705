// SPDX-License-Identifier: Apache-2.0
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;

/**
 * Joins a group and prints the next datagram that is sent to it. Several receivers on one host can share the port
 * (MulticastSocket allows it), and each gets its copy.
 *
 * <pre>java MulticastReceiver GROUP PORT</pre>
 */
public class MulticastReceiver {
	public static void main(String[] args) throws Exception {
		byte[] buffer = new byte[65536];
		DatagramPacket datagram = new DatagramPacket(buffer, buffer.length);

		try (MulticastSocket socket = new MulticastSocket(Integer.parseInt(args[1]))) {
			socket.joinGroup(new InetSocketAddress(InetAddress.getByName(args[0]), 0), null);
			socket.receive(datagram);
			System.out.println("received: " + new String(buffer, 0, datagram.getLength(), "UTF-8"));
		}
	}
}
