#include "harness/verify/boot_ready.h"

#include "runner/values/error.h"

#include <array>
#include <thread>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace gauntlet::verify {
namespace {

using std::chrono::milliseconds;

/// Accepts one connection on a port of the kernel's and answers it with `text`, whatever is asked.
class OneAnswer {
 public:
  explicit OneAnswer(std::string text) : text_(std::move(text)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), any, size) != 0 || ::listen(listener_.get(), 4) != 0) std::abort();
    ::getsockname(listener_.get(), any, &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~OneAnswer() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;

  int port = 0;

 private:
  void serve() {
    const process::Fd client(::accept(listener_.get(), nullptr, nullptr));
    if (!client.is_open()) return;
    std::array<char, 1024> request{};
    if (::recv(client.get(), request.data(), request.size(), 0) <= 0) return;
    ::send(client.get(), text_.data(), text_.size(), MSG_NOSIGNAL);
    // An answer that is not whole stays so: the connection is held until the other side goes.
    while (::recv(client.get(), request.data(), request.size(), 0) > 0) continue;
  }

  std::string text_;
  process::Fd listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::thread thread_;
};

int status_of_answer(const std::string& text) {
  const OneAnswer server(text);
  const auto answer = ask_ready(parse_ready("/healthz", server.port), milliseconds(300));
  return answer ? answer->status : 0;
}

std::string code_of(const std::string& ready) {
  try {
    return parse_ready(ready, 1).url();
  } catch (const runner::Error& error) {
    return error.code();
  }
}

TEST(ParseReady, TakesAPathOnThePortThatWasChosen) {
  EXPECT_EQ(parse_ready("/healthz?full=1", 8123).url(), "http://127.0.0.1:8123/healthz?full=1");
}

TEST(ParseReady, TakesAWholeUrlWithAndWithoutItsParts) {
  EXPECT_EQ(code_of("http://localhost:8080/ready"), "http://localhost:8080/ready");
  EXPECT_EQ(code_of("http://localhost"), "http://localhost:80/");
  EXPECT_EQ(code_of("http://[::1]:9/x"), "http://[::1]:9/x");
}

TEST(ParseReady, RefusesWhatItCannotAsk) {
  for (const char* ready : {"https://localhost/", "localhost:80/x", "", "http:///x", "http://h:0/x",
                            "http://h:99999/x", "http://h:x/", "http://me@h/x", "/a b"}) {
    SCOPED_TRACE(ready);
    EXPECT_EQ(code_of(ready), "bad-ready-url");
  }
}

TEST(AskReady, GivesTheStatusOfAnAnswer) {
  EXPECT_EQ(status_of_answer("HTTP/1.1 200 OK\r\n\r\n"), 200);
  EXPECT_EQ(status_of_answer("HTTP/1.0 503 Not Yet\r\n\r\n"), 503);
}

TEST(AskReady, GivesNothingForWhatIsNoHttp) {
  EXPECT_EQ(status_of_answer("SSH-2.0-OpenSSH_9.2\r\n"), 0);
  EXPECT_EQ(status_of_answer("HTTP/1.1 2\r\n"), 0);
}

TEST(AskReady, GivesUpOnALineThatNeverEnds) { EXPECT_EQ(status_of_answer("HTTP/1.1 200 OK"), 0); }

TEST(AskReady, GivesNothingWhereNobodyListens) {
  EXPECT_FALSE(ask_ready(parse_ready("/", free_port()), milliseconds(300)).has_value());
}

TEST(IsTaken, TellsAPortWithAListenerFromOneWithout) {
  const OneAnswer server("");
  EXPECT_TRUE(is_taken(parse_ready("/", server.port), milliseconds(300)));
  EXPECT_FALSE(is_taken(parse_ready("/", free_port()), milliseconds(300)));
}

TEST(FreePort, IsAnotherOneEachTime) { EXPECT_NE(free_port(), free_port()); }

}  // namespace
}  // namespace gauntlet::verify
