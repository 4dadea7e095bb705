// SPDX-License-Identifier: Apache-2.0
import java.net.DatagramPacket;
import java.net.DatagramSocket;

/**
 * Sends each datagram back to where it came from.
 *
 * <pre>java UdpEchoServer PORT</pre>
 */
public class UdpEchoServer {
	public static void main(String[] args) throws Exception {
		byte[] buffer = new byte[65536];

		try (DatagramSocket socket = new DatagramSocket(Integer.parseInt(args[0]))) {
			while (true) {
				DatagramPacket datagram = new DatagramPacket(buffer, buffer.length);
				socket.receive(datagram);
				socket.send(datagram); /* its address is where it came from */
			}
		}
	}
}
