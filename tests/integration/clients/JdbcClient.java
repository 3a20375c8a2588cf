// PostgreSQL's JDBC driver against a running server: java -cp DRIVER JdbcClient.java PORT.
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Instant;
import org.postgresql.util.PSQLException;

public class JdbcClient {
  static void checkEqual(Object found, Object expected) {
    if (!found.equals(expected)) throw new AssertionError(found + " instead of " + expected);
  }

  // The driver goes over to named statements and binary values at the fifth time.
  static void preparesAndGoesOverToBinary(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(
             "SELECT client, count(*) AS n, avg(turnaround_time) AS a, now() AS t FROM events "
             + "WHERE client = ? AND turnaround_time >= ? AND time <= ? GROUP BY client")) {
      for (int i = 0; i < 12; ++i) {
        statement.setString(1, "c1");
        statement.setInt(2, 105);
        statement.setTimestamp(3, Timestamp.from(Instant.now()));
        try (ResultSet rows = statement.executeQuery()) {
          checkEqual(rows.next(), true);
          checkEqual(rows.getString("client"), "c1");
          checkEqual(rows.getLong("n"), 300L);
          checkEqual(rows.getDouble("a"), 107.0);
          checkEqual(Math.abs(rows.getTimestamp("t").getTime() - System.currentTimeMillis()) < 600_000,
                     true);
          checkEqual(rows.getMetaData().getColumnType(2), Types.BIGINT);
          checkEqual(rows.next(), false);
        }
      }
    }
  }

  static void readsNulls(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(
             "SELECT max(turnaround_time) FROM events WHERE rp = ?")) {
      for (int i = 0; i < 7; ++i) {
        statement.setString(1, "nobody");
        try (ResultSet rows = statement.executeQuery()) {
          rows.next();
          rows.getLong(1);
          checkEqual(rows.wasNull(), true);
        }
      }
    }
  }

  static void fetchesRowByRow(Connection connection) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(3);
      long sum = 0;
      int count = 0;
      try (ResultSet rows = statement.executeQuery(
               "SELECT turnaround_ms, n FROM events")) {
        throw new AssertionError("a wrong name was taken");
      } catch (PSQLException expected) {
        connection.rollback();
      }
      try (ResultSet rows = statement.executeQuery(
               "SELECT time_bucket('1 minute', time) AS t, client, count(*) AS n FROM events "
               + "GROUP BY t, client ORDER BY t, client")) {
        while (rows.next()) {
          sum += rows.getLong("n");
          ++count;
        }
      }
      checkEqual(sum, 1000L);
      checkEqual(count > 20, true);
    }
    connection.commit();
    connection.setAutoCommit(true);
  }

  static void takesErrors(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeQuery("SELECT p95(turnaround_tme) FROM events");
      throw new AssertionError("a wrong name was taken");
    } catch (PSQLException error) {
      checkEqual(error.getServerErrorMessage().getPosition(), 12);
      checkEqual(error.getServerErrorMessage().getHint().contains("turnaround_time"), true);
    }
  }

  static void cancelsAndTimesOut(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(1);
      statement.executeQuery("FOLLOW");
      throw new AssertionError("FOLLOW ended");
    } catch (SQLException error) {
      checkEqual(error.getSQLState(), "57014");
    }
    checkEqual(connection.isValid(5), true);
  }

  static void asksAboutTheServer(Connection connection) throws SQLException {
    checkEqual(connection.getMetaData().getDatabaseMajorVersion(), 15);
    connection.setReadOnly(true);
    checkEqual(connection.getTransactionIsolation(), Connection.TRANSACTION_REPEATABLE_READ);
    connection.setReadOnly(false);
    try (ResultSet tables = connection.getMetaData().getTables(null, null, "events", null)) {
      checkEqual(tables.next(), true);
      checkEqual(tables.getString("TABLE_NAME"), "events");
      checkEqual(tables.getString("TABLE_TYPE"), "TABLE");
    }
    try (ResultSet columns = connection.getMetaData().getColumns(null, null, "events", null)) {
      checkEqual(columns.next(), true);
      checkEqual(columns.getString("COLUMN_NAME"), "time");
      checkEqual(columns.getInt("DATA_TYPE"), Types.TIMESTAMP);
      int count = 1;
      while (columns.next()) ++count;
      checkEqual(count > 7, true);
    }
    try (ResultSet keys = connection.getMetaData().getPrimaryKeys(null, "public", "events")) {
      checkEqual(keys.next(), false);
    }
    try (ResultSet indexes =
             connection.getMetaData().getIndexInfo(null, "public", "events", false, true)) {
      checkEqual(indexes.next(), false);
    }
    try (ResultSet keys = connection.getMetaData().getImportedKeys(null, "public", "events")) {
      checkEqual(keys.next(), false);
    }
    try (ResultSet types = connection.getMetaData().getTypeInfo()) {
      while (types.next()) types.getString("TYPE_NAME");
    }
  }

  static void bindsEveryType(Connection connection) throws SQLException {
    Object[] bounds = {105, 105L, (short) 105, 104.5, 104.5f, new BigDecimal("104.5")};
    for (Object bound : bounds) {
      try (PreparedStatement statement = connection.prepareStatement(
               "SELECT count(*) FROM events WHERE turnaround_time >= ? AND time >= ? AND time < ?")) {
        for (int i = 0; i < 7; ++i) {
          statement.setObject(1, bound);
          statement.setObject(2, java.time.OffsetDateTime.now().minusDays(1));
          statement.setTimestamp(3, Timestamp.from(Instant.now()),
                                 java.util.Calendar.getInstance(
                                     java.util.TimeZone.getTimeZone("Asia/Tokyo")));
          try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            checkEqual(rows.getLong(1), 500L);
          }
        }
      }
    }
  }

  public static void main(String[] arguments) throws SQLException {
    String url = "jdbc:postgresql://127.0.0.1:" + arguments[0] + "/kpi?user=kpi";
    try (Connection connection = DriverManager.getConnection(url)) {
      preparesAndGoesOverToBinary(connection);
      readsNulls(connection);
      bindsEveryType(connection);
      fetchesRowByRow(connection);
      takesErrors(connection);
      cancelsAndTimesOut(connection);
      asksAboutTheServer(connection);
    }
    System.out.println("ok");
  }
}
