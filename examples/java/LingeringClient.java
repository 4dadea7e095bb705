// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.net.Socket;

/**
 * Writes N bytes to a server and closes with SO_LINGER: close() waits until the other host's TCP has all of them and has
 * answered the closing message, but no longer than the time given.
 *
 * <pre>java LingeringClient HOST PORT BYTES SECONDS</pre>
 */
public class LingeringClient {
	public static void main(String[] args) throws Exception {
		Socket socket = new Socket(args[0], Integer.parseInt(args[1]));

		socket.setSoLinger(true, Integer.parseInt(args[3]));
		socket.getOutputStream().write(new byte[Integer.parseInt(args[2])]);
		System.out.println("written");
		try {
			socket.close();
			System.out.println("closed");
		} catch (IOException e) {
			System.out.println("closed, but not in time: " + e.getMessage());
		}
	}
}
