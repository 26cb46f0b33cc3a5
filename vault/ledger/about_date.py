"""The words at the head of every proof of date: part of its format, the same in every file."""

ABOUT = """\
witness-vault/proof-of-date/v1

PROOF OF DATE. This file shows that a statement existed, unchanged, at the latest on the day that
its entry names. The words shown in it, if any, are words of that statement. It does not show who
made the statement, whether it is true, whether it existed earlier, or at what hour. It is as strong
as the checkpoint at its end: one that somebody outside signed or has kept since then cannot have
been made later. Without one it rests on the word of whoever keeps the vault.
To check it: witness-vault ledger check-date FILE --vkey-file KEY

ДОКАЗАТЕЛЬСТВО ДАТЫ. Этот файл показывает, что показания существовали, и именно в этом виде, самое
позднее в день, названный в записи. Слова, показанные в нём, если они есть, взяты из этих показаний.
Он не показывает, кто дал показания, правдивы ли они, не было ли их раньше и в котором часу они
даны. Он настолько надёжен, насколько надёжна контрольная точка в его конце: ту, что подписал или
хранит с тех пор кто-то вне хранилища, нельзя сделать задним числом. Без такой точки остаётся
полагаться на слово тех, кто ведёт хранилище.
Проверить: witness-vault ledger check-date ФАЙЛ --vkey-file КЛЮЧ

КҮНІНІҢ ДӘЛЕЛІ. Бұл файл айғақтың жазбада аталған күннен кешікпей, дәл осы түрінде болғанын
көрсетеді. Мұнда көрсетілген сөздер болса, олар сол айғақтан алынған. Файл айғақты кім бергенін,
оның рас-өтірігін, бұрын болған-болмағанын және қай сағатта берілгенін көрсетпейді. Оның сенімділігі
соңындағы бақылау нүктесіне байланысты: қоймадан тыс біреу қол қойған немесе содан бері сақтап
келген нүктені кейін жасау мүмкін емес. Ондай нүкте болмаса, қойманы жүргізушілердің сөзіне сенуге
тура келеді.
Тексеру: witness-vault ledger check-date ФАЙЛ --vkey-file КІЛТ

"""  # noqa: RUF001 - Russian and Kazakh
