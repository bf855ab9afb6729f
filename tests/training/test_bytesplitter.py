from byteflow_train.bytesplitter import EOS, prefix, split, utf8


def test_ids_are_bytes_plus_three_and_eos():
    assert split(b"a\x00\xff", 10) == [ord("a") + 3, 3, 258, EOS]
    assert split(b"", 10) == [EOS]


def test_a_cut_keeps_whole_characters():
    text = "ab\u20ac\U0001f600".encode()  # 2 + 3 + 4 bytes
    assert [len(prefix(text, n)) for n in range(10)] == [0, 1, 2, 2, 2, 5, 5, 5, 5, 9]


def test_a_cut_in_bytes_that_are_not_utf8_stays_where_it_is():
    assert len(prefix(b"\x80" * 20, 10)) == 10
    assert len(prefix(b"\xff" * 20, 10)) == 10
    assert len(prefix(b"\x80" * 20, 2)) == 2


def test_lone_surrogates_become_the_replacement_character_and_pairs_join():
    assert utf8("x\ud800y") == b"x\xef\xbf\xbdy"
    assert utf8("\udc00\ud83d\ude00") == b"\xef\xbf\xbd" + "\U0001f600".encode()
