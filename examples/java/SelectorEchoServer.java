// SPDX-License-Identifier: Apache-2.0
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Iterator;

/** The echo server with one thread: non-blocking channels and a selector. */
public class SelectorEchoServer {
	public static void main(String[] args) throws Exception {
		int clients = args.length > 1 ? Integer.parseInt(args[1]) : Integer.MAX_VALUE;
		int gone = 0;

		try (Selector selector = Selector.open(); ServerSocketChannel server = ServerSocketChannel.open()) {
			server.bind(new InetSocketAddress(Integer.parseInt(args[0])));
			server.configureBlocking(false);
			server.register(selector, SelectionKey.OP_ACCEPT);
			System.out.println("listening on " + server.getLocalAddress());
			while (gone < clients) {
				selector.select();
				for (Iterator<SelectionKey> keys = selector.selectedKeys().iterator(); keys.hasNext();) {
					SelectionKey key = keys.next();
					keys.remove();
					if (key.isAcceptable()) {
						SocketChannel client = server.accept();
						client.configureBlocking(false);
						client.register(selector, SelectionKey.OP_READ, ByteBuffer.allocate(65536));
					} else if (!serve(key)) {
						key.channel().close();
						gone++;
					}
				}
			}
		}
	}

	/** Reads what there is, writes what goes; false at the end of the stream. */
	private static boolean serve(SelectionKey key) throws Exception {
		SocketChannel client = (SocketChannel) key.channel();
		ByteBuffer buffer = (ByteBuffer) key.attachment();
		boolean end = false;

		if (key.isReadable())
			end = client.read(buffer) == -1;
		buffer.flip();
		client.write(buffer);
		boolean left = buffer.hasRemaining();
		buffer.compact();
		if (end && !left)
			return false;
		key.interestOps((buffer.hasRemaining() && !end ? SelectionKey.OP_READ : 0) | (left ? SelectionKey.OP_WRITE : 0));
		return true;
	}
}
