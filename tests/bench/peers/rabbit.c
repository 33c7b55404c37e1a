/*
 * The peer: RabbitMQ with a durable quorum queue over TLS, one publisher and one consumer connection. Messages are
 * persistent and confirmed, each is acknowledged; at most WINDOW are unconfirmed or not yet consumed, so that the queue cannot
 * grow. Counted from the first publish to the last confirm and acknowledgement. Prints one "key value" a line.
 *
 * usage: rabbit PORT CA COUNT BYTES WINDOW
 */
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define die(...)     (fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), exit(2))
#define FRAME_BYTES  131072
#define LARGEST_BODY 65536u
#define CHANNEL	     1
#define PERSISTENT   2

static const char *ca;
static int port, window;
static size_t count, bytes;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows */
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static size_t consumed;
static int ready;

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static amqp_bytes_t queue_name(void)
{
	return amqp_cstring_bytes("bench");
}

static void check(amqp_rpc_reply_t reply, const char *what)
{
	if (reply.reply_type != AMQP_RESPONSE_NORMAL)
		die("%s: %s", what, amqp_error_string2(reply.library_error));
}

static amqp_connection_state_t connect_tls(void)
{
	amqp_connection_state_t c = amqp_new_connection();
	amqp_socket_t *socket = amqp_ssl_socket_new(c);

	if (!socket || amqp_ssl_socket_set_cacert(socket, ca) != 0)
		die("%s: cannot be used", ca);
	amqp_ssl_socket_set_verify_peer(socket, 1);
	amqp_ssl_socket_set_verify_hostname(socket, 1);
	if (amqp_socket_open(socket, "localhost", port) != 0)
		die("no connection to port %d", port);
	check(amqp_login(c, "/", 0, FRAME_BYTES, 0, AMQP_SASL_METHOD_PLAIN, "guest", "guest"),
	      "login");
	amqp_channel_open(c, CHANNEL);
	check(amqp_get_rpc_reply(c), "channel");
	return c;
}

static void *consume(void *unused)
{
	amqp_connection_state_t c = connect_tls();
	amqp_envelope_t envelope;

	amqp_basic_qos(c, CHANNEL, 0, (uint16_t)window, 0);
	check(amqp_get_rpc_reply(c), "prefetch");
	amqp_basic_consume(c, CHANNEL, queue_name(), amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
	check(amqp_get_rpc_reply(c), "consume");
	pthread_mutex_lock(&lock);
	ready = 1;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	for (size_t i = 0; i < count; i++) {
		amqp_maybe_release_buffers(c);
		check(amqp_consume_message(c, &envelope, NULL, 0), "a message");
		if (envelope.message.body.len != bytes)
			die("a message of another size");
		if (amqp_basic_ack(c, CHANNEL, envelope.delivery_tag, 0) != 0)
			die("an acknowledgement fails");
		amqp_destroy_envelope(&envelope);
		pthread_mutex_lock(&lock);
		consumed++;
		pthread_cond_signal(&changed);
		pthread_mutex_unlock(&lock);
	}
	/* Closing waits until the server has seen every acknowledgement. */
	check(amqp_channel_close(c, CHANNEL, AMQP_REPLY_SUCCESS), "close");
	amqp_connection_close(c, AMQP_REPLY_SUCCESS);
	return unused;
}

static void declare(amqp_connection_state_t c)
{
	amqp_table_entry_t type = {
		amqp_cstring_bytes("x-queue-type"),
		{.kind = AMQP_FIELD_KIND_UTF8, .value.bytes = amqp_cstring_bytes("quorum")}};
	const amqp_table_t arguments = {1, &type};

	amqp_queue_declare(c, CHANNEL, queue_name(), 0, 1, 0, 0, arguments);
	check(amqp_get_rpc_reply(c), "queue");
	amqp_queue_purge(c, CHANNEL, queue_name());
	check(amqp_get_rpc_reply(c), "purge");
	amqp_confirm_select(c, CHANNEL);
	check(amqp_get_rpc_reply(c), "confirms");
}

/* Confirms come in any order, one or all up to a number. */
struct confirms {
	char *have; /* [count + 1], by delivery tag */
	size_t lowest, n;
};

static void confirm(struct confirms *confirms, const amqp_basic_ack_t *ack)
{
	for (size_t tag = ack->multiple ? confirms->lowest : ack->delivery_tag;
	     tag <= ack->delivery_tag; tag++) {
		confirms->n += !confirms->have[tag];
		confirms->have[tag] = 1;
	}
	while (confirms->lowest <= count && confirms->have[confirms->lowest])
		confirms->lowest++;
}

/* Waits for a confirm, and takes those that are here already. */
static void take_confirms(amqp_connection_state_t c, struct confirms *confirms, size_t sent)
{
	amqp_frame_t frame;

	do {
		if (confirms->n == sent)
			return;
		if (amqp_simple_wait_frame(c, &frame) != AMQP_STATUS_OK)
			die("no confirms any more");
		if (frame.frame_type != AMQP_FRAME_METHOD)
			continue;
		if (frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
			die("a message was not confirmed");
		confirm(confirms, frame.payload.method.decoded);
		amqp_maybe_release_buffers(c);
	} while (amqp_frames_enqueued(c) || amqp_data_in_buffer(c));
}

static void publish_all(amqp_connection_state_t c)
{
	const amqp_basic_properties_t properties = {._flags = AMQP_BASIC_DELIVERY_MODE_FLAG,
						    .delivery_mode = PERSISTENT};
	static char body[LARGEST_BODY];
	struct confirms confirms = {.have = calloc(count + 2, 1), .lowest = 1};
	size_t sent = 0, done;

	memset(body, 'x', bytes);
	while (confirms.n < count) {
		pthread_mutex_lock(&lock);
		while (confirms.n == sent && sent - consumed >= (size_t)window)
			pthread_cond_wait(&changed, &lock);
		done = consumed;
		pthread_mutex_unlock(&lock);
		while (sent < count && sent - confirms.n < (size_t)window &&
		       sent - done < (size_t)window) {
			if (amqp_basic_publish(c, CHANNEL, amqp_empty_bytes, queue_name(), 0, 0,
					       &properties,
					       (amqp_bytes_t){bytes, body}) != AMQP_STATUS_OK)
				die("publishing fails");
			sent++;
		}
		take_confirms(c, &confirms, sent);
	}
	free(confirms.have);
}

int main(int argc, char **argv)
{
	pthread_t consumer;

	if (argc != 6)
		die("usage: rabbit PORT CA COUNT BYTES WINDOW");
	port = atoi(argv[1]);
	ca = argv[2];
	count = strtoul(argv[3], NULL, 10);
	bytes = strtoul(argv[4], NULL, 10);
	window = atoi(argv[5]);
	if (bytes > LARGEST_BODY || count == 0 || window <= 0)
		die("COUNT, BYTES (at most %u) or WINDOW is no good", LARGEST_BODY);
	amqp_connection_state_t c = connect_tls();
	declare(c);
	if (pthread_create(&consumer, NULL, consume, NULL) != 0)
		die("no thread");
	pthread_mutex_lock(&lock);
	while (!ready)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
	uint64_t start = now_ns();
	publish_all(c);
	pthread_join(consumer, NULL);
	printf("per_s %.0f\n", (double)count * 1e9 / (double)(now_ns() - start));
	amqp_destroy_connection(c);
	return 0;
}
