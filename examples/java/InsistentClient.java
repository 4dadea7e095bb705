// SPDX-License-Identifier: Apache-2.0
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A client that insists on its local port, and closes first. Started again it cannot have the port while its old
 * connection is in TIME_WAIT: a BindException.
 *
 * <pre>java InsistentClient HOST PORT LOCAL-PORT</pre>
 */
public class InsistentClient {
	public static void main(String[] args) throws Exception {
		try (Socket socket = new Socket()) {
			socket.bind(new InetSocketAddress((InetAddress) null, Integer.parseInt(args[2])));
			socket.connect(new InetSocketAddress(args[0], Integer.parseInt(args[1])));
			System.out.println("connected from port " + socket.getLocalPort());
		}
	}
}
