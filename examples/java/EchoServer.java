// SPDX-License-Identifier: Apache-2.0
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;

/** Echoes what each client sends, until the client closes. One thread a client, blocking sockets. */
public class EchoServer {
	public static void main(String[] args) throws Exception {
		int clients = args.length > 1 ? Integer.parseInt(args[1]) : Integer.MAX_VALUE;

		try (ServerSocket server = new ServerSocket(Integer.parseInt(args[0]))) {
			System.out.println("listening on " + server.getLocalSocketAddress());
			Thread[] threads = new Thread[Math.min(clients, 1024)];
			for (int i = 0; i < clients; i++) {
				Socket client = server.accept();
				Thread thread = new Thread(() -> serve(client));
				threads[i % threads.length] = thread;
				thread.start();
			}
			for (Thread thread : threads)
				thread.join();
		}
	}

	private static void serve(Socket client) {
		byte[] buffer = new byte[8192];
		long total = 0;

		try (client; InputStream in = client.getInputStream(); OutputStream out = client.getOutputStream()) {
			for (int n; (n = in.read(buffer)) != -1; total += n)
				out.write(buffer, 0, n);
			System.out.println(client.getRemoteSocketAddress() + " echoed " + total);
		} catch (Exception e) {
			System.out.println(client.getRemoteSocketAddress() + " " + e);
		}
	}
}
